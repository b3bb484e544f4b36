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
    /// <param name="configs">Access as the controller manager, the kubelet and the proxy: each its own identity.</param>
    /// <param name="options">How pods run.</param>
    /// <param name="shared">What the API server and attestation read of the kubelet.</param>
    /// <param name="logs">Where the parts log.</param>
    /// <param name="time">The clock of all parts.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<LocalNode> StartAsync(
        (KubeConfig Controllers, KubeConfig Kubelet, KubeConfig Proxy) configs, KubeletOptions options, (PodLogs Logs, PodProcesses Processes) shared,
        ILoggerFactory logs, TimeProvider time, CancellationToken ct)
    {
        var node = new LocalNode();
        try
        {
            node._parts.Push(await NodeAgent.StartAsync(node.Connect(configs.Kubelet, time), options, shared, logs.CreateLogger<NodeAgent>(), ct));
            node._parts.Push(ClusterControllers.Start(node.Connect(configs.Controllers, time), logs));
            node._parts.Push(await ServiceForwarder.StartAsync(node.Connect(configs.Proxy, time), logs.CreateLogger<ServiceForwarder>(), ct));
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
