using System.Text.Json;
using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Controllers.Scheduling;

/// <summary>Decides where a pod goes. Pure.</summary>
/// <remarks>The words are the real scheduler's (pkg/scheduler/framework/plugins), because people and agents look for them.</remarks>
internal static class Placement
{
    /// <summary>A node for the pod, or why there is none.</summary>
    public static (string? Node, string Message) Choose(Pod pod, IReadOnlyList<Node> nodes, IReadOnlyList<Pod> placed)
    {
        if (nodes.Count == 0) return (null, "no nodes available to schedule pods");
        var obstacles = new Dictionary<string, int>();
        var lasting = 0;
        foreach (var node in nodes.OrderBy(n => n.Metadata.Name, StringComparer.Ordinal))
        {
            var (found, preemptible) = Obstacles(pod, node, placed);
            if (found.Count == 0) return (node.Metadata.Name, "");
            foreach (var obstacle in found) obstacles[obstacle] = obstacles.GetValueOrDefault(obstacle) + 1;
            if (!preemptible) lasting++;
        }
        var reasons = string.Join(", ", obstacles.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Value} {o.Key}"));
        var preemption = lasting == nodes.Count
            ? $"{nodes.Count} Preemption is not helpful for scheduling."
            : $"{nodes.Count} No preemption victims found for incoming pod.";
        return (null, $"0/{nodes.Count} nodes are available: {reasons}. preemption: 0/{nodes.Count} nodes are available: {preemption}");
    }

    private static (List<string> Found, bool Preemptible) Obstacles(Pod pod, Node node, IReadOnlyList<Pod> placed)
    {
        if (node.Spec?.Unschedulable is true && !Tolerates(pod, new Taint { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" }))
            return (["node(s) were unschedulable"], false);
        if (node.Spec?.Taints?.FirstOrDefault(t => t.Effect is "NoSchedule" or "NoExecute" && !Tolerates(pod, t)) is { } taint)
            return ([$"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}"], false);
        if (pod.Spec.NodeSelector?.All(s => node.Metadata.Labels?.TryGetValue(s.Key, out var value) is true && value == s.Value) is false)
            return (["node(s) didn't match Pod's node affinity/selector"], false);
        var here = placed.Where(p => p.Spec.NodeName == node.Metadata.Name && p.Status?.Phase is not ("Succeeded" or "Failed")).ToList();
        var found = new List<string>();
        if (Quantity.Of(node.Status?.Allocatable, "pods") is { } room && here.Count + 1 > room) found.Add("Too many pods");
        foreach (var (name, amount) in Requests(pod))
        {
            var has = Quantity.Of(node.Status?.Allocatable, name) ?? 0;
            if (amount > 0 && amount + here.Sum(p => Requests(p).GetValueOrDefault(name)) > has) found.Add($"Insufficient {name}");
        }
        return (found, true);
    }

    private static bool Tolerates(Pod pod, Taint taint) => pod.Spec.Tolerations?.Any(t =>
        (string.IsNullOrEmpty(t.Effect) || t.Effect == taint.Effect)
        && (string.IsNullOrEmpty(t.Key) ? t.Operator == "Exists" : t.Key == taint.Key && (t.Operator == "Exists" || (t.Value ?? "") == (taint.Value ?? "")))) is true;

    private static Dictionary<string, decimal> Requests(Pod pod)
    {
        var total = new Dictionary<string, decimal>();
        foreach (var container in pod.Spec.Containers)
        {
            // A limit without a request requests as much.
            foreach (var (name, value) in container.Resources?.Requests ?? container.Resources?.Limits ?? new Dictionary<string, JsonElement>())
                total[name] = total.GetValueOrDefault(name) + (Quantity.TryParse(value.ToString()) ?? 0);
        }
        return total;
    }
}
