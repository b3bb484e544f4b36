using Castellan.SpiffeIdentity.Tests.Clients;
using Castellan.SpiffeIdentity.Tests.WorkloadApi;

namespace Castellan.SpiffeIdentity.Tests.Attacks;

/// <summary>A connection belongs to the process that made it: whoever inherits it, or gets its pid, gets nothing.</summary>
public sealed class SocketAttackTests
{
    /// <summary>The parent connects, leaves its connection to a child and ends; the child asks on it.</summary>
    private const string Parent = """
        const { spawn } = require('child_process');
        const socket = require('net').connect(process.argv[1], () => {
          const child = spawn(process.execPath, ['-e', process.argv[2], String(process.pid)], { stdio: ['ignore', 'inherit', 'inherit', socket._handle], detached: true });
          child.unref();
          process.exit(0);
        });
        """;

    private const string Child = """
        const dead = pid => { try { process.kill(Number(pid), 0); return false; } catch { return true; } };
        const wait = () => dead(process.argv[1]) ? ask() : setImmediate(wait);
        function ask() {
          const socket = new (require('net').Socket)({ fd: 3, readable: true, writable: true });
          const call = require('http2').connect('http://localhost', { createConnection: () => socket });
          call.on('error', e => console.log(JSON.stringify({ refused: e.code })));
          const stream = call.request({ ':method': 'POST', ':path': '/SpiffeWorkloadAPI/FetchX509SVID', 'content-type': 'application/grpc', te: 'trailers', 'workload.spiffe.io': 'true' });
          stream.on('response', h => { console.log(JSON.stringify({ status: h['grpc-status'] ?? 'none' })); call.close(); });
          stream.on('data', () => { console.log(JSON.stringify({ svid: true })); call.destroy(); });
          stream.on('error', e => console.log(JSON.stringify({ refused: e.code })));
          stream.end(Buffer.from([0, 0, 0, 0, 0]));
        }
        wait();
        """;

    [Fact]
    public async Task Fetch_OnTheConnectionOfADeadProcess_GivesNothing()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        await using var parent = ClientProcess.Start("node", "-e", Parent, api.SocketPath, Child);
        var answer = await parent.NextAsync();
        Assert.Null(answer["svid"]);
        Assert.True((string?)answer["status"] == "14" || answer["refused"] is not null, answer.ToJsonString()); // Unavailable, or no connection at all
    }

    [Fact]
    public async Task Fetch_WhenThePidIsKnownButTheStartTimeIsNot_IsLeftToTheAttestorWhoSeesBoth()
    {
        await using var api = await TestWorkloadApi.StartAsync();
        var table = new Dictionary<(int, ulong), string> { [(Environment.ProcessId, WorkloadPeer.StartTime(Environment.ProcessId)!.Value - 1)] = "the process that had this pid before" };
        api.Entitled = process => table.ContainsKey((process.Pid, process.StartTimeTicks)) ? [new(SpiffeId.Parse(TestWorkloadApi.Web))] : [];
        using var client = api.Client();
        var error = await Assert.ThrowsAsync<Rpc.RpcException>(() => client.FetchX509Async(default));
        Assert.Equal(Rpc.StatusCode.PermissionDenied, error.StatusCode);
    }
}
