using System.ComponentModel;
using System.Diagnostics;

namespace Castellan.SpiffeAgent.Stdio;

/// <summary>The running command; disposing closes its input, waits a little, then kills it with all its children.</summary>
internal sealed class StdioProcess(Process process) : IAsyncDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    /// <summary>Where requests go.</summary>
    public Stream Input => process.StandardInput.BaseStream;

    /// <summary>Where answers come from.</summary>
    public Stream Output => process.StandardOutput.BaseStream;

    /// <summary>Starts the command.</summary>
    /// <exception cref="IOException">There is no such command, or it cannot be executed.</exception>
    public static StdioProcess Start(StdioCommand command)
    {
        try
        {
            return new(Process.Start(command.StartInfo())!);
        }
        catch (Win32Exception e)
        {
            throw new IOException($"command '{command.Words[0]}' cannot be started: {e.Message}; check spec.container.command", e);
        }
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 128 + the signal's number when a signal ended it.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken ct)
    {
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close(); // the polite end of an MCP server
            using var grace = new CancellationTokenSource(s_grace);
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (IOException)
        {
            // It has ended and broken the pipe.
        }

        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        process.Dispose();
    }
}
