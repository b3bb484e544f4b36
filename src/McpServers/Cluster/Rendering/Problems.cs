using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>Reads off an object, its pods and its events what is wrong.</summary>
internal static class Problems
{
    // Conditions that are bad when True; all others are bad when False.
    private static readonly HashSet<string> BadWhenTrue = new(StringComparer.Ordinal)
    {
        "ReplicaFailure", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable", "DisruptionTarget", "Failed", "Stalled",
    };

    public static IReadOnlyList<string> Of(JsonObject item, IReadOnlyList<PodSummary> pods, IReadOnlyList<EventSummary> events)
    {
        List<string> problems = [];
        problems.AddRange(FromConditions(item));
        problems.AddRange(pods.Take(5).SelectMany(FromPod));
        if (RolloutState.Of(item) is { Failed: true } rollout) problems.Add(rollout.Message);
        if (Fields.Selector(Fields.At(item, "spec", "selector")) is { } selector && pods.Count == 0 && Fields.Number(item, "spec", "replicas") is not 0)
            problems.Add($"no pod matches its selector {selector}");
        problems.AddRange(events.Where(e => e.Type == "Warning").Take(5).Select(e => $"event {e.Reason} on {e.Object}{(e.Count > 1 ? $" ×{e.Count}" : "")}: {e.Message}"));
        return [.. problems.Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> FromConditions(JsonObject item) => Fields.Items(item, "status", "conditions")
        .Where(c => Fields.Text(c, "status") == (BadWhenTrue.Contains(Fields.Text(c, "type") ?? "") ? "True" : "False"))
        .Where(c => Fields.Text(c, "reason") != "PodCompleted")
        .Select(c => $"condition {Fields.Text(c, "type")} is {Fields.Text(c, "status")}{(Fields.Text(c, "reason") is { } reason ? $" ({reason})" : "")}{(Fields.Text(c, "message") is { Length: > 0 } message ? $": {message}" : "")}");

    private static IEnumerable<string> FromPod(PodSummary pod)
    {
        if (pod.IsHealthy && pod.Restarts == 0) yield break;
        foreach (var container in ContainerSummary.InitOf(pod.Pod).Where(c => c is not { State: "terminated", ExitCode: 0 }).Concat(pod.Containers))
        {
            if (container is { State: "running", Ready: true, Restarts: 0 } or { State: "terminated", ExitCode: 0 }) continue;
            yield return $"pod {pod.Name}, container {container.Line()}";
        }
        if (pod.Status is "Unschedulable") yield return $"pod {pod.Name} cannot be scheduled";
    }
}
