using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>A pod on one line, with the status kubectl prints and the containers behind it.</summary>
internal sealed record PodSummary(JsonObject Pod, string Status, IReadOnlyList<ContainerSummary> Containers, DateTimeOffset Now)
{
    public static PodSummary Of(JsonObject pod, DateTimeOffset now)
    {
        var containers = ContainerSummary.AllOf(pod).ToList();
        return new(pod, StatusOf(pod, containers), containers, now);
    }

    public string Name => Fields.Text(Pod, "metadata", "name") ?? "";

    public string Namespace => Fields.Text(Pod, "metadata", "namespace") ?? "";

    public long Restarts => Containers.Sum(c => c.Restarts);

    public string Ready => $"{Containers.Count(c => c.Ready)}/{Math.Max(Containers.Count, Fields.Items(Pod, "spec", "containers").Count())}";

    /// <summary>Whether it does what it should: a container that runs just now, between two crashes, does not count.</summary>
    public bool IsHealthy => Status == "Completed" || (Status == "Running" && Containers.Count > 0 && Containers.All(c => c.Ready && !c.CrashedRecently(Now)));

    public JsonObject ToJson() => new()
    {
        ["name"] = Name, ["namespace"] = Namespace, ["ready"] = Ready, ["status"] = Status, ["restarts"] = Restarts,
        ["age"] = Age.Of(Pod, Now), ["node"] = Fields.Text(Pod, "spec", "nodeName"), ["ip"] = Fields.Text(Pod, "status", "podIP"), ["healthy"] = IsHealthy,
        ["owner"] = Fields.Items(Pod, "metadata", "ownerReferences").FirstOrDefault() is { } owner ? $"{Fields.Text(owner, "kind")}/{Fields.Text(owner, "name")}" : null,
        ["labels"] = Fields.At(Pod, "metadata", "labels")?.DeepClone() ?? new JsonObject(),
        ["containers"] = new JsonArray([.. Containers.Select(c => c.ToJson())]),
    };

    // The rules of kubectl's printPod: what is closest to the fault wins over the phase.
    private static string StatusOf(JsonObject pod, List<ContainerSummary> containers)
    {
        var phase = Fields.Text(pod, "status", "reason") ?? Fields.Text(pod, "status", "phase") ?? "Unknown";
        if (Fields.At(pod, "metadata", "deletionTimestamp") is not null) return "Terminating";
        foreach (var init in ContainerSummary.InitOf(pod))
        {
            if (init is { State: "terminated", ExitCode: 0 } || (init.State == "running" && init.Ready)) continue;
            return $"Init:{(init.State == "terminated" ? init.Reason ?? $"ExitCode:{init.ExitCode}" : init.Reason is not null and not "PodInitializing" ? init.Reason : "Running")}";
        }
        var status = phase;
        var running = false;
        foreach (var container in Enumerable.Reverse(containers))
        {
            if (container.State == "waiting" && container.Reason is { Length: > 0 } waiting) status = waiting;
            else if (container.State == "terminated") status = container.Reason is { Length: > 0 } reason ? reason : $"ExitCode:{container.ExitCode}";
            else if (container is { State: "running", Ready: true }) running = true;
        }
        if (status == "Completed" && running) return "Running";
        return status == "Pending" && Unschedulable(pod) ? "Unschedulable" : status;
    }

    private static bool Unschedulable(JsonObject pod) => Fields.Items(pod, "status", "conditions")
        .Any(c => Fields.Text(c, "type") == "PodScheduled" && Fields.Text(c, "status") == "False" && Fields.Text(c, "reason") == "Unschedulable");
}
