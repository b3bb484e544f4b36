using System.CommandLine;
using System.Diagnostics;
using Castellan.Cli.CommandLine;
using Spectre.Console;

namespace Castellan.Cli.Local;

/// <summary><c>castellan down</c>: stops the local system; its state stays.</summary>
internal static class DownCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40); // longer than the pods' default grace period of 30 s

    public static Command Create()
    {
        var purge = new Option<bool>("--purge") { Description = "Also delete the state directory: cluster, identities, audit log. Asks for nothing." };
        var command = ExampleHelp.With(new Command("down", "Stop the local system. Its state stays and the next 'up' goes on from it.") { purge },
            "castellan down", "castellan down --purge   # and forget everything");
        command.SetBody((parsed, ct) => RunAsync(parsed.Paths(), parsed.GetValue(purge), TimeProvider.System, ct));
        return command;
    }

    private static async Task<int> RunAsync(StatePaths paths, bool purge, TimeProvider time, CancellationToken ct)
    {
        var stopped = await StopAsync(paths, time, ct);
        AnsiConsole.WriteLine(stopped ? "Stopped." : "Nothing is running.");
        if (purge && Directory.Exists(paths.Root))
        {
            Forget(paths);
            AnsiConsole.WriteLine($"Deleted {paths.Root}.");
        }
        return ExitCode.Success;
    }

    /// <summary>Deletes everything that a stopped system left on this machine.</summary>
    public static void Forget(StatePaths paths)
    {
        LocalCluster.LocalCluster.Forget(paths.Cluster);
        Directory.Delete(paths.Root, recursive: true);
    }

    /// <summary>Asks the daemon to end and waits for it. False if none runs.</summary>
    /// <exception cref="CommandFailure">It did not end in time.</exception>
    public static async Task<bool> StopAsync(StatePaths paths, TimeProvider time, CancellationToken ct)
    {
        if (DaemonState.ReadRunning(paths) is not { } daemon)
        {
            return false;
        }
        using (var kill = Process.Start("kill", ["-TERM", daemon.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(ct);
        }
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50), time);
        var asked = time.GetTimestamp();
        while (daemon.IsRunning)
        {
            if (time.GetElapsedTime(asked) > Patience)
            {
                throw new CommandFailure($"the daemon (pid {daemon.ProcessId}) did not end within {Patience.TotalSeconds:0} s", $"see {paths.DaemonLog}; 'kill -9 {daemon.ProcessId}' is safe: nothing acknowledged is lost");
            }
            await tick.WaitForNextTickAsync(ct);
        }
        return true;
    }
}
