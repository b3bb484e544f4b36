using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Discovery;

/// <summary>
/// Lists the tools of each ToolServer when its pods, its spec or its own word change, and at least once a minute; writes what it found
/// into its fields of the status. Servers are listed independently: one that hangs holds up nobody else.
/// </summary>
internal sealed class ToolDiscovery(ClusterCatalog cluster, ToolCatalog tools, ToolServerLinks links, KubeConnection kube, ILogger<ToolDiscovery> log)
    : IReconciler<ToolServer>
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ListAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetrySoon = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<NamespacedName, Listing> _listed = new();

    /// <summary>The loop that keeps the catalog; run it until the gateway stops.</summary>
    internal ControllerLoop<ToolServer> Loop()
    {
        var loop = new ControllerLoop<ToolServer>(this, kube.Time, new ControllerOptions { Workers = 4 }, log)
            .For(cluster.ToolServers)
            .Watches(cluster.ToolPods, pod => ClusterCatalog.ServerOf(pod) is { } key ? [key] : [])
            .Watches(cluster.ToolServices, service => ClusterCatalog.ServerOf(service) is { } key ? [key] : []);
        links.ToolsChanged += server =>
        {
            _listed.TryRemove(server, out _);
            loop.Enqueue(server);
        };
        return loop;
    }

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (cluster.ToolServers.Find(key) is not { } server)
        {
            tools.Remove(key);
            _listed.TryRemove(key, out _);
            await links.RemoveAsync(key);
            return ReconcileResult.Done;
        }

        // Our own status write comes back as an event; only a real change, or a minute, leads to a new listing.
        var state = $"{server.Metadata.Uid} {server.Metadata.Generation} {cluster.AddressOf(key)} {cluster.PodsOf(key)}";
        var now = kube.Time.GetUtcNow();
        if (_listed.TryGetValue(key, out var last) && last.State == state && last.At + ListAgain > now)
        {
            return ReconcileResult.After(last.At + ListAgain - now);
        }

        if (cluster.PodsOf(key).Length == 0)
        {
            await ReportAsync(server, null, "NotReady", "no pod of the server is ready; see its Ready condition", ct);
            return ReconcileResult.Done;
        }

        return await ListAsync(server, state, now, ct);
    }

    private async Task<ReconcileResult> ListAsync(ToolServer server, string state, DateTimeOffset now, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(ListTimeout, kube.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            var listed = await links.Of(server.Key).ListToolsAsync(either.Token);
            var found = listed.Select(tool => ToolReading.Read(server, tool)).OrderBy(tool => tool.Name, StringComparer.Ordinal).ToList();
            TellChanges(server.Key, found);
            tools.Put(server.Key, found);
            DiscoveryLog.Discovered(log, server.Key, found.Count);
            await ReportAsync(server, found, "Listed", $"{found.Count} tools", ct);
            _listed[server.Key] = new Listing(state, now);
            return ReconcileResult.After(ListAgain);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is not KubeException and not KubeUnreachableException)
        {
            var problem = timeout.IsCancellationRequested ? $"no answer within {ListTimeout.TotalSeconds:0} s" : e.Message;
            DiscoveryLog.ListFailed(log, server.Key, problem);
            tools.Failed(server.Key);
            await ReportAsync(server, null, "ListFailed", $"its tools cannot be listed: {problem}; see the log of its pod", ct);
            return ReconcileResult.After(RetrySoon);
        }
    }

    private void TellChanges(NamespacedName key, IReadOnlyList<CatalogTool> found)
    {
        foreach (var before in tools.Of(key))
        {
            if (found.FirstOrDefault(t => t.Name == before.Name) is { } after && after.Digest != before.Digest)
            {
                DiscoveryLog.ToolChanged(log, key, before.Name, before.Digest, after.Digest);
            }
        }
    }

    /// <summary>Writes the gateway's fields of the status, if they say something new. Without tools the last ones stay.</summary>
    private async Task ReportAsync(ToolServer server, IReadOnlyList<CatalogTool>? found, string reason, string message, CancellationToken ct)
    {
        var known = found?.Select(t => new DiscoveredTool { Name = t.Name, Effect = t.Effect, Digest = t.Digest }).ToList() ?? server.Status?.Tools;
        var last = server.Status?.Conditions?.FirstOrDefault(c => c.Type == "Discovered");
        var status = found is null ? "False" : "True";
        var condition = new Condition
        {
            Type = "Discovered",
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = server.Metadata.Generation,
            LastTransitionTime = last?.Status == status ? last.LastTransitionTime : kube.Time.GetUtcNow().UtcDateTime,
        };
        var body = new JsonObject { ["conditions"] = new JsonArray(JsonSerializer.SerializeToNode(condition, KubeJson.Options)) };
        if (known is not null)
        {
            body["toolCount"] = known.Count;
            body["tools"] = JsonSerializer.SerializeToNode(known, KubeJson.Options);
        }

        var same = last == condition && JsonNode.DeepEquals(JsonSerializer.SerializeToNode(server.Status?.Tools, KubeJson.Options), body["tools"]);
        if (same)
        {
            return;
        }

        var resource = KubeResource.Of<ToolServer>();
        var applied = new JsonObject
        {
            ["apiVersion"] = resource.ApiVersion,
            ["kind"] = resource.Kind,
            ["metadata"] = new JsonObject { ["name"] = server.Key.Name, ["namespace"] = server.Key.Namespace },
            ["status"] = body,
        };
        await kube.ApplyStatusAsync(resource, applied, ApiGroup.GatewayFieldManager, force: true, ct);
    }

    private sealed record Listing(string State, DateTimeOffset At);
}
