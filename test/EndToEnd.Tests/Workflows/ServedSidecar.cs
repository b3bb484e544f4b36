using System.Diagnostics;

namespace Castellan.EndToEnd.Tests.Workflows;

/// <summary><c>castellan workflows serve</c> as a process.</summary>
internal sealed class ServedSidecar : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private Task<string> _rest = Task.FromResult("");

    private ServedSidecar(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>Everything it said until it served.</summary>
    public List<string> Introduction { get; } = [];

    public static async Task<ServedSidecar> StartAsync(LocalSystem system, params string[] arguments)
    {
        var sidecar = new ServedSidecar(system.Start(["workflows", "serve", "--listen", "127.0.0.1:0", .. arguments]));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await sidecar._process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            sidecar.Introduction.Add(line);
            if (line.Contains("DAPR_GRPC_ENDPOINT=", StringComparison.Ordinal))
            {
                sidecar.Address = new Uri(line.Split('=')[1].Trim());
            }
            if (line.Contains("--endpoint", StringComparison.Ordinal))
            {
                sidecar._rest = sidecar._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return sidecar;
            }
        }
        throw new Xunit.Sdk.XunitException($"it did not serve: {await sidecar._errors}");
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public async Task<Answer> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await _process.WaitForExitAsync(deadline.Token);
        return new Answer("workflows serve", _process.ExitCode, await _rest, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }
}
