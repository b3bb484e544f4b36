using System.Diagnostics;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>This assembly as a process of its own.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ChildProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static ChildProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("/dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new(Process.Start(start)!);
    }

    public Task PermitAsync(int effects) => _process.StandardInput.WriteLineAsync(effects.ToString());

    /// <summary>Reads lines until so many came or one says it is done.</summary>
    /// <returns>Whether it is done.</returns>
    public async Task<bool> ReadAsync(int lines)
    {
        for (var i = 0; i < lines; i++)
        {
            if (await ReadLineAsync() == "done")
            {
                return true;
            }
        }

        return false;
    }

    private async Task<string> ReadLineAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await _process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("the process ended: " + await _errors);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw new InvalidOperationException("the process is silent: " + await _errors);
        }
    }

    /// <summary>Kills it and returns what it logged.</summary>
    public async Task<string> EndAsync()
    {
        await KillAsync();
        return await _errors;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        await _errors;
        _process.Dispose();
    }
}
