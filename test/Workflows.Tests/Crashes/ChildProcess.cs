using System.Diagnostics;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>This assembly as a process of its own, started again whenever it is killed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly string[] _arguments;
    private Process _process;
    private Task<string> _errors;

    private ChildProcess(string[] arguments)
    {
        _arguments = arguments;
        (_process, _errors) = Run();
    }

    public int Kills { get; private set; }

    public static ChildProcess Start(params string[] arguments) => new(arguments);

    /// <summary>Waits until it works.</summary>
    public Task ReadyAsync(CancellationToken ct) => ReadAsync(ct);

    /// <summary>Waits for the next line that it says.</summary>
    public async Task<string> ReadAsync(CancellationToken ct)
    {
        try
        {
            return await _process.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException($"'{_arguments[0]}' ended: {await _errors}");
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"'{_arguments[0]}' is silent: {await EndAsync()}");
        }
    }

    /// <summary>kill -9, then starts it again.</summary>
    public async Task KillAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"'{_arguments[0]}' ended by itself: {await _errors}");
        }

        await EndAsync();
        _process.Dispose();
        Kills++;
        (_process, _errors) = Run();
    }

    /// <summary>Kills it and returns what it logged.</summary>
    public async Task<string> EndAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        return await _errors;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _process.Dispose();
    }

    private (Process Process, Task<string> Errors) Run()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("/dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0"; // it does not live long enough
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in _arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        return (process, process.StandardError.ReadToEndAsync());
    }
}
