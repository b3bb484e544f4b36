using System.Diagnostics;

namespace Castellan.SpiffeIdentity.Tests.WorkloadApi;

/// <summary>Real other processes on the socket: Node's HTTP/2 client, under a uid of its own where the tests run as root.</summary>
public sealed class OtherProcessTests
{
    private const int Nobody = 65534;

    private const string Script = """
        const call = require('http2').connect('http://localhost', { createConnection: () => require('net').connect(process.argv[1]) });
        call.on('error', e => { console.log('refused ' + e.code); });
        const stream = call.request({ ':method': 'POST', ':path': '/SpiffeWorkloadAPI/FetchX509SVID', 'content-type': 'application/grpc', te: 'trailers', 'workload.spiffe.io': 'true' });
        stream.on('response', h => { if (h['grpc-status']) { console.log('status ' + h['grpc-status']); call.close(); } });
        stream.on('data', () => { console.log('svid'); call.destroy(); });
        stream.on('error', () => {});
        stream.end(Buffer.from([0, 0, 0, 0, 0]));
        """;

    [Fact]
    public async Task FetchX509_FromAnotherProcess_IsAttestedByItsOwnPidAndUid()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        var (pid, uid, output) = await RunAsync(api);
        Assert.Equal("svid", output);
        Assert.Equal((pid, uid), (api.LastProcess!.Pid, api.LastProcess.Uid));
        Assert.NotEqual(Environment.ProcessId, api.LastProcess.Pid);
    }

    [Fact]
    public async Task FetchX509_WhenOnlyAnotherProcessIsEntitled_IsDenied()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        api.Entitled = process => process.Pid == Environment.ProcessId ? [new(SpiffeId.Parse(TestWorkloadApi.Web))] : [];
        Assert.Equal("status 7", (await RunAsync(api)).Output);
    }

    private static async Task<(int Pid, int Uid, string Output)> RunAsync(TestWorkloadApi api)
    {
        var directory = Path.GetDirectoryName(api.SocketPath)!;
        File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        string[] words = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid", $"{Nobody}", "--regid", $"{Nobody}", "--clear-groups", "node"]
            : ["node"];
        using var process = Process.Start(new ProcessStartInfo(words[0], [.. words.Skip(1), "-e", Script, api.SocketPath]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.Id, Environment.IsPrivilegedProcess ? Nobody : api.LastProcess?.Uid ?? -1, output.Trim());
    }
}
