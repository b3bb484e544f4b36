using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController.Cluster;

/// <summary>What every feature's reconciler is made from, and the loops that were made.</summary>
internal sealed class ControllerParts(KubeConnection kube, ControllerCaches caches, StatusWriter status, AgentControllerOptions options, ILoggerFactory logs) : IDisposable
{
    private readonly List<(IDisposable Loop, Func<CancellationToken, Task> Run)> loops = [];

    public KubeConnection Kube => kube;

    public ControllerCaches Caches => caches;

    public StatusWriter Status => status;

    public AgentControllerOptions Options => options;

    public ILoggerFactory Logs => logs;

    public ChildWriter Children { get; } = new(kube, caches);

    /// <summary>Adds a loop; the caller names what it watches.</summary>
    public ControllerLoop<T> Loop<T>(IReconciler<T> reconciler) where T : KubeObject
    {
        var loop = new ControllerLoop<T>(reconciler, kube.Time, log: logs.CreateLogger<ControllerLoop<T>>());
        loops.Add((loop, loop.RunAsync));
        return loop;
    }

    /// <summary>Runs all loops until cancelled.</summary>
    public Task RunAsync(CancellationToken ct) => Task.WhenAll(loops.Select(l => l.Run(ct)));

    public void Dispose()
    {
        foreach (var (loop, _) in loops)
        {
            loop.Dispose();
        }
    }
}
