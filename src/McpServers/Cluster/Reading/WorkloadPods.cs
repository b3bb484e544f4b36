using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster.Rendering;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>Finds the pods behind an object.</summary>
internal static class WorkloadPods
{
    /// <summary>The pods that a workload or Service selects, unhealthy ones first; the pod itself for a pod; empty for other kinds.</summary>
    public static async Task<IReadOnlyList<PodSummary>> OfAsync(ClusterCall call, JsonObject item, CancellationToken ct)
    {
        if (Fields.Text(item, "kind") == "Pod") return [PodSummary.Of(item, call.Now)];
        if (Fields.Selector(Fields.At(item, "spec", "selector")) is not { } selector || Fields.Text(item, "metadata", "namespace") is not { } ns) return [];
        var pods = await call.Kube.ListAsync(KubeResource.Of<Pod>(), ns, new ListOptions { LabelSelector = selector }, ct).ConfigureAwait(false);
        return [.. pods.Items.Select(p => PodSummary.Of(p, call.Now)).OrderBy(p => p.IsHealthy).ThenByDescending(p => p.Restarts).ThenBy(p => p.Name, StringComparer.Ordinal)];
    }
}
