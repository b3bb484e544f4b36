using System.Diagnostics;
using System.Reflection;

namespace Castellan.Testing;

/// <summary>An assembly of tests as a process of its own, started again whenever it is killed.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Assembly _program;
    private readonly string[] _arguments;
    private Process _process;
    private Task<string> _errors;

    private ChildProcess(Assembly program, string[] arguments)
    {
        (_program, _arguments) = (program, arguments);
        (_process, _errors) = Run();
    }

    /// <summary>How often it was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Its process id, until it is killed.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="program">An assembly with an entry point that takes roles.</param>
    /// <param name="arguments">The role.</param>
    public static ChildProcess Start(Assembly program, params string[] arguments) => new(program, arguments);

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

    /// <summary>Tells it a line.</summary>
    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
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

    /// <summary>Kills it.</summary>
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
        start.ArgumentList.Add(_program.Location);
        foreach (var argument in _arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        return (process, process.StandardError.ReadToEndAsync());
    }
}
