using System.Runtime.InteropServices;
using Castellan.Cli.CommandLine;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;

namespace Castellan.Cli.Local;

/// <summary>The process behind <c>castellan up</c>: holds the lock, starts the system, says how far it is, stops it in reverse.</summary>
internal sealed class Daemon(UpOptions options, TimeProvider time)
{
    /// <summary>Runs until the process is told to stop.</summary>
    /// <param name="onReady">Called once everything is up.</param>
    /// <param name="ct">Stops the system.</param>
    /// <exception cref="CommandFailure">It could not be started.</exception>
    public async Task RunAsync(Action<DaemonState> onReady, CancellationToken ct)
    {
        ProcessHardening.MakeUndumpable(); // it holds the authority's keys and the gateway's identity
        PrepareDirectories(options.Paths);
        using var held = await DaemonLock.TakeAsync(options.Paths, time, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true; // an orderly stop, not the runtime's
            stop.Cancel();
        });
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        using var logs = LoggerFactory.Create(ServiceHost.AddConsole);
        var log = logs.CreateLogger<Daemon>();
        using var telemetry = TelemetryExport.Start("castellan", options.Telemetry());
        var state = DaemonState.OfThisProcess(DaemonPhase.Starting, "starting", time);
        state.Write(options.Paths);
        try
        {
            await using var system = await LocalSystem.StartAsync(options, logs, time, message => (state = state with { Message = message }).Write(options.Paths), stop.Token);
            state = Ready(state, system);
            state.Write(options.Paths);
            log.Ready(state.ReadyAfterMilliseconds!.Value, system.ApiServer, system.Gateway);
            onReady(state);
            await system.RunAsync(stop.Token);
            log.Stopping();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            log.Stopping();
        }
        catch (Exception e)
        {
            log.Failed(e);
            (state with { Phase = DaemonPhase.Failed, Message = e.Message }).Write(options.Paths);
            throw e as CommandFailure ?? new CommandFailure(e.Message, $"the daemon's log is {options.Paths.DaemonLog}", inner: e);
        }
    }

    private DaemonState Ready(DaemonState state, LocalSystem system) => state with
    {
        Phase = DaemonPhase.Ready,
        Message = "ready",
        ReadyAfterMilliseconds = (int)(time.GetUtcNow() - state.StartedAt).TotalMilliseconds,
        ApiServer = system.ApiServer.AbsoluteUri.TrimEnd('/'),
        Gateway = system.Gateway.AbsoluteUri.TrimEnd('/'),
        CertificateAuthority = system.CertificateAuthorityPem,
        Model = options.Model,
        Metrics = system.Metrics?.AbsoluteUri,
    };

    // Pods under other uids must pass through the root to sockets and programs, and see nothing else on the way.
    private static void PrepareDirectories(StatePaths paths)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const UnixFileMode Passable = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        foreach (var (directory, mode) in new[]
        {
            (paths.Root, Passable), (Path.GetDirectoryName(paths.WorkloadSocket)!, Passable), (paths.Images, Passable), (paths.Cluster, Passable),
            (Path.GetDirectoryName(paths.DaemonLog)!, Private), (paths.Spiffe, Private), (paths.Gateway, Private),
        })
        {
            Directory.CreateDirectory(directory);
            File.SetUnixFileMode(directory, mode);
        }
        if (paths.WorkloadSocket.Length > StatePaths.LongestSocketPath)
        {
            throw new CommandFailure($"{paths.WorkloadSocket} has {paths.WorkloadSocket.Length} characters, a unix socket's path at most {StatePaths.LongestSocketPath}", "choose a shorter --state directory");
        }
    }
}
