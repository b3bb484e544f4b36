using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;
using Castellan.KubeClient.WorkQueue;
using Castellan.LocalCluster.Controllers.Deployments;
using Castellan.LocalCluster.Controllers.Endpoints;
using Castellan.LocalCluster.Controllers.ReplicaSets;
using Castellan.LocalCluster.Controllers.Scheduling;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Controllers;

/// <summary>Runs the controllers and the scheduler against any API server.</summary>
internal sealed class ClusterControllers : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _loops = [];
    private readonly List<EventRecorder> _recorders = [];
    private readonly KubeConnection _kube;
    private readonly KubeConnection _scheduler;
    private readonly ILoggerFactory _logs;
    private readonly InformerSet _informers;
    private readonly List<Func<CancellationToken, Task>> _work = [];
    private Task _running = Task.CompletedTask;

    private ClusterControllers(KubeConnection kube, KubeConnection scheduler, ILoggerFactory logs)
    {
        (_kube, _scheduler, _logs) = (kube, scheduler, logs);
        _informers = new InformerSet(kube, logs);
    }

    /// <summary>Starts all; they work until disposed.</summary>
    /// <param name="kube">The API server, as the controller manager.</param>
    /// <param name="scheduler">The API server, as the scheduler.</param>
    /// <param name="logs">Where they log.</param>
    public static ClusterControllers Start(KubeConnection kube, KubeConnection scheduler, ILoggerFactory logs)
    {
        var controllers = new ClusterControllers(kube, scheduler, logs);
        controllers.AddReplicaSets();
        controllers.AddDeployments();
        controllers.AddEndpoints();
        controllers.AddScheduler();
        controllers._running = Task.WhenAll(controllers._work.Select(w => w(controllers._stop.Token)).Append(controllers._informers.RunAsync(controllers._stop.Token)));
        return controllers;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        foreach (var loop in _loops) loop.Dispose();
        foreach (var recorder in _recorders) await recorder.DisposeAsync();
        _stop.Dispose();
    }

    private void AddReplicaSets() => Loop(new ReplicaSetReconciler(_kube, _informers, Recorder("replicaset-controller")))
        .For(_informers.For<ReplicaSet>()).Owns(_informers.For<Pod>());

    private void AddDeployments()
    {
        var sets = _informers.For<ReplicaSet>();
        Loop(new DeploymentReconciler(_kube, _informers, Recorder("deployment-controller")))
            .For(_informers.For<Deployment>())
            .Owns(sets)
            // Recreate waits for the last pod of an old set to go, which changes no set.
            .Watches(_informers.For<Pod>(), pod => OwnerOf(pod, "ReplicaSet") is { } set && sets.Find(set) is { } found && OwnerOf(found, "Deployment") is { } owner ? [owner] : []);
    }

    private void AddEndpoints()
    {
        var reconciler = new EndpointsReconciler(_kube, _informers);
        Loop(reconciler)
            .For(_informers.For<Service>())
            .Watches(_informers.For<Pod>(), reconciler.Of)
            .Watches(_informers.For<KubeApi.Core.Endpoints>(), e => [e.Key])
            .Owns(_informers.For<EndpointSlice>());
    }

    private void AddScheduler()
    {
        var scheduler = new PodScheduler(_scheduler, _informers, Recorder("default-scheduler", _scheduler));
        Loop(scheduler)
            .For(_informers.For<Pod>())
            .Watches(_informers.For<Node>(), _ => scheduler.Waiting())
            .Watches(_informers.For<Pod>(), pod => pod.Metadata.DeletionTimestamp is not null ? scheduler.Waiting() : []);
    }

    private ControllerLoop<T> Loop<T>(IReconciler<T> reconciler) where T : KubeObject
    {
        var options = new ControllerOptions { Workers = 2, Backoff = new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromMinutes(2)) };
        var loop = new ControllerLoop<T>(reconciler, _kube.Time, options, _logs.CreateLogger(reconciler.GetType()));
        _loops.Add(loop);
        _work.Add(loop.RunAsync);
        return loop;
    }

    private EventRecorder Recorder(string component, KubeConnection? by = null)
    {
        var recorder = new EventRecorder(by ?? _kube, component, log: _logs.CreateLogger<EventRecorder>());
        _recorders.Add(recorder);
        return recorder;
    }

    private static NamespacedName? OwnerOf(KubeObject child, string kind) =>
        child.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller is true && o.Kind == kind) is { } owner
            ? new NamespacedName(child.Metadata.Namespace ?? "", owner.Name) : null;
}
