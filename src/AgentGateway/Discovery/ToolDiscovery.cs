using System.Collections.Concurrent;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Integrity;
using Castellan.AgentGateway.Remote;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Discovery;

/// <summary>
/// Lists the tools of each ToolServer when its pods, its spec or its own word change, and at least once a minute; measures them by their
/// pins, and writes what it found into its fields of the status. Servers are listed independently: one that hangs holds up nobody else.
/// </summary>
internal sealed class ToolDiscovery(ClusterCatalog cluster, ToolGate gate, ToolServerLinks links, ToolServerReport report, ILogger<ToolDiscovery> log)
    : IReconciler<ToolServer>
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ListAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetrySoon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryRemote = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<NamespacedName, Listing> _listed = new();

    /// <summary>The loop that keeps the catalog; run it until the gateway stops.</summary>
    internal ControllerLoop<ToolServer> Loop()
    {
        var loop = new ControllerLoop<ToolServer>(this, report.Time, new ControllerOptions { Workers = 4 }, log)
            .For(cluster.ToolServers)
            .Watches(cluster.ToolPods, pod => ClusterCatalog.ServerOf(pod) is { } key ? [key] : [])
            .Watches(cluster.ToolServices, service => ClusterCatalog.ServerOf(service) is { } key ? [key] : []);
        links.ToolsChanged += server =>
        {
            _listed.TryRemove(server, out _);
            loop.Enqueue(server);
        };
        gate.Changed += changed =>
        {
            // Whose name is like whose is a matter of all servers of a namespace.
            foreach (var server in cluster.ToolServers.Items.Where(server => server.Key.Namespace == changed.Namespace))
            {
                loop.Enqueue(server.Key);
            }
        };
        return loop;
    }

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (cluster.ToolServers.Find(key) is not { } server)
        {
            gate.Remove(key);
            _listed.TryRemove(key, out _);
            await links.RemoveAsync(key);
            return ReconcileResult.Done;
        }

        await links.RetireAsync(server);
        // Our own status write comes back as an event; only a real change, or a minute, leads to a new listing. Another replica's write may say that
        // somebody approved something, so what was listed last is measured anew.
        var state = $"{server.Metadata.Uid} {server.Metadata.Generation} {cluster.AddressOf(key)} {cluster.PodsOf(key)}";
        var now = report.Time.GetUtcNow();
        if (_listed.TryGetValue(key, out var last) && last.State == state && last.At + ListAgain > now)
        {
            await report.WriteAsync(server, await gate.TakeAsync(server, last.Tools, ct), ct);
            return ReconcileResult.After(last.At + ListAgain - now);
        }

        if (server.Spec.Remote is null && cluster.PodsOf(key).Length == 0)
        {
            await report.WriteAsync(server, Verdict.No("NotReady", "no pod of the server is ready; see its Ready condition"), ct);
            return ReconcileResult.Done;
        }

        return await ListAsync(server, state, now, ct);
    }

    private async Task<ReconcileResult> ListAsync(ToolServer server, string state, DateTimeOffset now, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(ListTimeout, report.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            var listed = ToolDefinitions.Read(server, await links.Of(server.Key).ListToolsAsync(either.Token));
            var found = await gate.TakeAsync(server, listed, ct);
            DiscoveryLog.Discovered(log, server.Key, listed.Count);
            await report.WriteAsync(server, found, ct);
            _listed[server.Key] = new Listing(state, now, listed);
            return ReconcileResult.After(ListAgain);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not KubeException and not KubeUnreachableException)
        {
            var problem = timeout.IsCancellationRequested ? $"no answer within {ListTimeout.TotalSeconds:0} s" : e.Message;
            var (verdict, again) = Failure(server, problem, RemoteRefusedException.Behind(e));
            DiscoveryLog.ListFailed(log, server.Key, verdict.Message);
            gate.Failed(server.Key);
            await report.WriteAsync(server, verdict, ct);
            return ReconcileResult.After(again);
        }
    }

    /// <summary>What to say about a server that gave no list, and when to ask it again: one of somebody else's less often, a refused one hardly.</summary>
    private static (Verdict Verdict, TimeSpan Again) Failure(ToolServer server, string problem, RemoteRefusedException? refused) => server.Spec.Remote switch
    {
        not null when refused is not null => (Verdict.No("Refused", refused.Message), ListAgain),
        not null => (Verdict.No("ListFailed", $"its tools cannot be listed: {problem}; see whether spec.remote.url is right and the server runs"), RetryRemote),
        _ => (Verdict.No("ListFailed", $"its tools cannot be listed: {problem}; see the log of its pod"), RetrySoon),
    };

    private sealed record Listing(string State, DateTimeOffset At, IReadOnlyList<ListedTool> Tools);
}
