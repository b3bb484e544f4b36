using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Tables;
using static Castellan.LocalCluster.Tables.TableColumns;

namespace Castellan.LocalCluster.BuiltIn.Columns;

/// <summary>Columns of pods.</summary>
/// <remarks>Source: the real server's printers, pkg/printers/internalversion printPod.</remarks>
internal static class PodColumns
{
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        Name,
        new TableColumn("Ready", "string", (o, _) => Node(Ready(o))),
        new TableColumn("Status", "string", (o, _) => Node(Status(o))),
        new TableColumn("Restarts", "string", (o, now) => Node(Restarts(o, now))),
        Age,
        new TableColumn("IP", "string", (o, _) => Node(OrNone(Text(o, "status", "podIP")))) { Priority = 1 },
        new TableColumn("Node", "string", (o, _) => Node(OrNone(Text(o, "spec", "nodeName")))) { Priority = 1 },
        new TableColumn("Nominated Node", "string", (o, _) => Node(OrNone(Text(o, "status", "nominatedNodeName")))) { Priority = 1 },
        new TableColumn("Readiness Gates", "string", (_, _) => Node("<none>")) { Priority = 1 },
    ];

    private static string OrNone(string text) => text.Length > 0 ? text : "<none>";

    private static string Ready(JsonElement pod)
    {
        var ready = Items(pod, "status", "containerStatuses").Count(s => Text(s, "ready") == "true");
        return $"{ready}/{Count(pod, "spec", "containers")}";
    }

    private static string Status(JsonElement pod)
    {
        var status = Text(pod, "status", "reason") is { Length: > 0 } reason ? reason : Text(pod, "status", "phase");
        var (initializing, initStatus) = InitStatus(pod);
        if (initializing) status = initStatus;
        else status = ContainersStatus(pod, status);
        if (Find(pod, "metadata", "deletionTimestamp") is null) return status;
        return Text(pod, "status", "reason") == "NodeLost" ? "Unknown" : status is "Succeeded" or "Failed" or "Completed" ? status : "Terminating";
    }

    private static (bool Initializing, string Status) InitStatus(JsonElement pod)
    {
        var (i, total) = (0, Count(pod, "spec", "initContainers"));
        foreach (var container in Items(pod, "status", "initContainerStatuses"))
        {
            i++;
            if (Find(container, "state", "terminated") is { } terminated)
            {
                if (Number(terminated, "exitCode") == 0) continue;
                return (true, "Init:" + Ended(terminated));
            }
            if (Text(container, "state", "waiting", "reason") is { Length: > 0 } waiting and not "PodInitializing") return (true, "Init:" + waiting);
            return (true, $"Init:{i - 1}/{total}");
        }
        return (false, "");
    }

    private static string ContainersStatus(JsonElement pod, string status)
    {
        var running = false;
        foreach (var container in Items(pod, "status", "containerStatuses").Reverse())
        {
            if (Text(container, "state", "waiting", "reason") is { Length: > 0 } waiting) status = waiting;
            else if (Find(container, "state", "terminated") is { } terminated) status = Ended(terminated);
            else if (Text(container, "ready") == "true" && Find(container, "state", "running") is not null) running = true;
        }
        if (status == "Completed" && running)
        {
            return Items(pod, "status", "conditions").Any(c => Text(c, "type") == "Ready" && Text(c, "status") == "True") ? "Running" : "NotReady";
        }
        return status;
    }

    private static string Ended(JsonElement terminated)
    {
        if (Text(terminated, "reason") is { Length: > 0 } reason) return reason;
        return Number(terminated, "signal") is var signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{Number(terminated, "exitCode")}";
    }

    private static string Restarts(JsonElement pod, DateTimeOffset now)
    {
        var restarts = 0L;
        var last = "";
        foreach (var container in Items(pod, "status", "containerStatuses"))
        {
            restarts += Number(container, "restartCount");
            var ended = Text(container, "lastState", "terminated", "finishedAt");
            if (string.CompareOrdinal(ended, last) > 0) last = ended;
        }
        if (restarts == 0 || !DateTimeOffset.TryParse(last, System.Globalization.CultureInfo.InvariantCulture, out var time)) return $"{restarts}";
        return $"{restarts} ({Short(now - time)} ago)";
    }

    public static JsonNode? Containers(JsonElement obj, string member) =>
        Node(string.Join(",", Items(obj, "spec", "template", "spec", "containers").Select(c => Text(c, member))));
}
