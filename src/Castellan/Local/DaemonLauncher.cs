using System.Diagnostics;
using Castellan.Cli.CommandLine;
using Spectre.Console;

namespace Castellan.Cli.Local;

/// <summary>Starts the daemon in the background and waits until it is ready.</summary>
internal sealed class DaemonLauncher(StatePaths paths, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <exception cref="CommandFailure">It ended or did not become ready; quotes its reason and its log.</exception>
    public async Task<DaemonState> StartAsync(IReadOnlyList<string> upArguments, IAnsiConsole console, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(paths.DaemonLog)!);
        var launched = time.GetTimestamp();
        Spawn(upArguments);
        return await console.Status().Spinner(Spinner.Known.Dots).StartAsync("Starting", async status =>
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50), time);
            var sawDaemon = false;
            while (await tick.WaitForNextTickAsync(ct))
            {
                var state = DaemonState.Read(paths);
                if (state is { Phase: DaemonPhase.Ready, IsRunning: true })
                {
                    return state;
                }
                sawDaemon |= state is { IsRunning: true };
                if (state is { Phase: DaemonPhase.Failed } && sawDaemon)
                {
                    throw new CommandFailure(state.Message, $"the daemon's log is {paths.DaemonLog}");
                }
                if (sawDaemon && state is not { IsRunning: true })
                {
                    throw new CommandFailure($"the daemon ended before it was ready:{Environment.NewLine}{LastLines()}", $"the whole log is {paths.DaemonLog}");
                }
                if (time.GetElapsedTime(launched) > Patience)
                {
                    throw new CommandFailure(
                        $"the daemon is not ready after {Patience.TotalSeconds:0} s ({state?.Message ?? "it did not start"}):{Environment.NewLine}{LastLines()}",
                        $"'castellan status' tells whether it comes up later, 'castellan down' stops it; the whole log is {paths.DaemonLog}");
                }
                status.Status(ResultWriter.Safe(state is { IsRunning: true } ? state.Message : "Starting"));
            }
            throw new OperationCanceledException(ct);
        });
    }

    // setsid takes the daemon out of the terminal's session: closing the terminal does not end it.
    private void Spawn(IReadOnlyList<string> upArguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = "/" };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("log=$1; shift; setsid \"$@\" </dev/null >>\"$log\" 2>&1 &");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(paths.DaemonLog);
        foreach (var argument in (IEnumerable<string>)[.. OwnProgram(), .. upArguments])
        {
            start.ArgumentList.Add(argument);
        }
        using var shell = Process.Start(start) ?? throw new CommandFailure("/bin/sh did not start", "local mode needs a POSIX shell");
        shell.WaitForExit();
    }

    // Where 'dotnet castellan.dll' was typed, the process is the runtime's and the program its first argument.
    private static string[] OwnProgram() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, typeof(DaemonLauncher).Assembly.Location]
        : [Environment.ProcessPath!];

    private string LastLines() => File.Exists(paths.DaemonLog) ? string.Join(Environment.NewLine, File.ReadLines(paths.DaemonLog).TakeLast(12)) : "(no log)";
}
