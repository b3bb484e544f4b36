using System.Collections.Concurrent;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;
using Castellan.LocalCluster.Kubelet.Logs;
using Castellan.LocalCluster.Kubelet.Pods;
using Castellan.LocalCluster.Kubelet.Probes;
using Castellan.LocalCluster.Kubelet.Processes;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>The process kubelet: runs the pods of this node as child processes.</summary>
internal sealed partial class NodeAgent : IAsyncDisposable
{
    private readonly NodeContext _context;
    private readonly ConcurrentDictionary<string, PodWorker> _workers = new();
    private readonly ConcurrentDictionary<PodWorker, Task> _leaving = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Informer<Pod> _pods;
    private readonly NodeReporter _reporter;
    private readonly ILogger _log;
    private Task _running = Task.CompletedTask;

    private NodeAgent(NodeContext context, ILogger log)
    {
        (_context, _log) = (context, log);
        _reporter = new NodeReporter(context.Kube, context.Options.NodeName, context.Options.Addresses.PodCidr);
        _pods = new Informer<Pod>(context.Kube, new InformerOptions { FieldSelector = $"spec.nodeName={context.Options.NodeName}" }, log);
    }

    /// <summary>Registers the node and takes up its pods.</summary>
    /// <param name="kube">The API server, as the kubelet.</param>
    /// <param name="options">How pods run.</param>
    /// <param name="shares">What the API server reads of logs and attestation of processes.</param>
    /// <param name="logger">Where the kubelet says what goes wrong.</param>
    /// <param name="ct">Ends the wait for the first list.</param>
    public static async Task<NodeAgent> StartAsync(
        KubeConnection kube, KubeletOptions options, NodeShares shares, ILogger logger, CancellationToken ct)
    {
        Folders.Make(options.PodsDirectory, Folders.Passage);
        var context = new NodeContext
        {
            Kube = kube,
            Options = options,
            Launcher = new ProcessLauncher(),
            Processes = shares.Processes,
            Logs = shares.Logs,
            Addresses = new PodAddresses(options.Addresses),
            Events = new EventRecorder(kube, "kubelet", options.NodeName, logger),
            Probes = new ProbeClient(),
            Uids = options.SeparateUids && Posix.IsRoot ? new ServiceAccountUids(options.PodsDirectory, options.FirstUid) : null,
            Log = logger,
        };
        var agent = new NodeAgent(context, logger);
        try
        {
            await agent._reporter.ReportAsync(ct);
            agent.Run();
            await agent._pods.WaitForSyncAsync(ct);
            agent.SweepFolders();
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends all containers; the pods stay in the API and come back with the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Task.WhenAll(_workers.Values.Select(w => w.DisposeAsync().AsTask()));
        await Task.WhenAll(_leaving.Values);
        await _context.Events.DisposeAsync();
        _context.Probes.Dispose();
        _context.Launcher.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        _pods.Subscribe(Take);
        _running = Task.WhenAll(_pods.RunAsync(_stop.Token), _reporter.RunAsync(e => LogHeartbeatFailed(_log, e.Message), _stop.Token));
    }

    private void Take(InformerEvent<Pod> e)
    {
        var uid = e.Object.Metadata.Uid!;
        if (e.Type == InformerEventType.Deleted)
        {
            if (_workers.TryRemove(uid, out var worker)) Leave(worker);
            return;
        }
        if (_workers.TryGetValue(uid, out var known)) known.Post(new PodSeen(e.Object));
        else _workers[uid] = new PodWorker(_context, e.Object);
    }

    private void Leave(PodWorker worker)
    {
        worker.Post(new PodGone());
        _leaving[worker] = worker.Completion;
        foreach (var (left, task) in _leaving)
        {
            if (task.IsCompletedSuccessfully) _leaving.TryRemove(left, out _);
        }
    }

    /// <summary>Removes what pods that were deleted while we were away have left.</summary>
    private void SweepFolders()
    {
        foreach (var folder in Directory.EnumerateDirectories(_context.Options.PodsDirectory))
        {
            if (_workers.ContainsKey(Path.GetFileName(folder))) continue;
            foreach (var container in Directory.Exists(Path.Combine(folder, "containers")) ? Directory.EnumerateDirectories(Path.Combine(folder, "containers")) : [])
            {
                RunRecord.TryRead(Path.Combine(container, "run.json"))?.KillLeftover();
                ChildProcess.KillBySandbox(Path.Combine(container, "root"));
            }
            Directory.Delete(folder, recursive: true);
            LogSwept(_log, Path.GetFileName(folder));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The node's heartbeat could not be written: {Problem}")]
    private static partial void LogHeartbeatFailed(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed what was left of pod {Uid}, which is no more")]
    private static partial void LogSwept(ILogger log, string uid);
}
