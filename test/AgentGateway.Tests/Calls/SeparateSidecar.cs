using System.Diagnostics;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Tests.Calls;

/// <summary><c>castellan workflows serve</c> in a process of its own, in daprd's place.</summary>
internal sealed class SeparateSidecar : IAsyncDisposable
{
    private const int Hubs = 64;
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-sidecar-").FullName;
    private Process _process = null!;
    private int _port;
    private int _given;

    /// <summary>A hub that nobody has used.</summary>
    internal TaskHubEndpoint NextHub() => new(new Uri($"http://127.0.0.1:{_port}"), null) { ApiToken = TokenOf(Interlocked.Increment(ref _given)) };

    internal static async Task<SeparateSidecar> StartAsync()
    {
        var sidecar = new SeparateSidecar();
        await File.WriteAllLinesAsync(sidecar.Tokens, Enumerable.Range(1, Hubs).Select(i => $"gateway-{i} {TokenOf(i)}"));
        await sidecar.RestartAsync();
        return sidecar;
    }

    private string Tokens => Path.Combine(_folder, "tokens");

    private static string TokenOf(int hub) => $"token-of-gateway-{hub}";

    /// <summary>Starts it again, on the same store and port.</summary>
    internal async Task RestartAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "castellan"), ["workflows", "serve", "--listen", $"127.0.0.1:{_port}", "--store", $"sqlite:{Path.Combine(_folder, "history.db")}", "--api-token-file", Tokens])
        {
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await _process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.Contains("DAPR_GRPC_ENDPOINT=", StringComparison.Ordinal))
            {
                _port = new Uri(line.Split('=')[1].Trim()).Port;
                return;
            }
        }

        throw new Xunit.Sdk.XunitException("castellan workflows serve ended at once");
    }

    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
