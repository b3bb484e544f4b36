using Castellan.KubeClient;
using Castellan.LocalCluster.Controllers;
using Castellan.LocalCluster.Kubelet.Logs;
using Castellan.LocalCluster.Services;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Everything that runs against the API server: controllers, scheduler, kubelet and Service addresses.</summary>
internal sealed class LocalNode : IAsyncDisposable
{
    private readonly List<IDisposable> _connections = [];
    private readonly Stack<IAsyncDisposable> _parts = new();

    private LocalNode()
    {
    }

    /// <summary>Starts all parts.</summary>
    /// <param name="access">Access to the API server.</param>
    /// <param name="options">How pods run.</param>
    /// <param name="shares">What the API server and attestation read of the kubelet.</param>
    /// <param name="host">Where the parts log, and their clock.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<LocalNode> StartAsync(
        NodeAccess access, KubeletOptions options, NodeShares shares, (ILoggerFactory Logs, TimeProvider Time) host, CancellationToken ct)
    {
        var node = new LocalNode();
        try
        {
            var (logs, time) = host;
            var kubelet = node.Connect(access.Kubelet, time);
            node._parts.Push(await NodeAgent.StartAsync(kubelet, options, shares, logs.CreateLogger<NodeAgent>(), ct));
            node._parts.Push(ClusterControllers.Start(node.Connect(access.Controllers, time), node.Connect(access.Scheduler, time), logs));
            // What a real node's proxy may read, its kubelet may read too.
            node._parts.Push(await ServiceForwarder.StartAsync(kubelet, logs.CreateLogger<ServiceForwarder>(), ct));
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends all pods' processes, then the rest; the objects stay for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        // The kubelet started first and ends last, when nobody gives it new pods any more.
        while (_parts.TryPop(out var part)) await part.DisposeAsync();
        foreach (var connection in _connections) connection.Dispose();
    }

    private KubeConnection Connect(KubeConfig config, TimeProvider time)
    {
        var connection = new KubeConnection(config, time);
        _connections.Add(connection);
        return connection;
    }
}

/// <summary>Access to the API server: to each part its own identity.</summary>
internal sealed record NodeAccess(KubeConfig Controllers, KubeConfig Scheduler, KubeConfig Kubelet);

/// <summary>What others read of the kubelet.</summary>
/// <param name="Logs">The API server reads logs here.</param>
/// <param name="Processes">Attestation finds pods here.</param>
internal sealed record NodeShares(PodLogs Logs, PodProcesses Processes);
