using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>One container of a pod: what it does now, and how it ended last.</summary>
internal sealed record ContainerSummary(string Name, string State, string? Reason, string? Message, long? ExitCode, long Restarts, bool Ready, string? LastReason, long? LastExitCode)
{
    /// <summary>After this long without an exit the kubelet forgets the crashes before, and so do we (Pod lifecycle, container restart policy).</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(10);

    /// <summary>When it began to run; null while it does not.</summary>
    public DateTimeOffset? RunningSince { get; private init; }

    /// <summary>Whether it runs again after a failure and has not yet run long enough to trust it.</summary>
    public bool CrashedRecently(DateTimeOffset now) => LastExitCode is not null and not 0 && RunningSince is { } since && now - since < Recovery;

    public static IEnumerable<ContainerSummary> AllOf(JsonObject pod) => Fields.Items(pod, "status", "containerStatuses").Select(Of);

    public static IEnumerable<ContainerSummary> InitOf(JsonObject pod) => Fields.Items(pod, "status", "initContainerStatuses").Select(Of);

    private static ContainerSummary Of(JsonObject status)
    {
        var (state, detail) = StateOf(status["state"]);
        var (_, last) = StateOf(status["lastState"]);
        return new(
            Fields.Text(status, "name") ?? "", state, Fields.Text(detail, "reason"), Fields.Text(detail, "message"), Fields.Number(detail, "exitCode"),
            Fields.Number(status, "restartCount") ?? 0, Fields.Flag(status, "ready"), Fields.Text(last, "reason"), Fields.Number(last, "exitCode"))
        {
            RunningSince = state == "running" ? Fields.Time(detail, "startedAt") : null,
        };
    }

    private static (string, JsonNode?) StateOf(JsonNode? state) =>
        Fields.At(state, "running") is { } running ? ("running", running)
        : Fields.At(state, "terminated") is { } terminated ? ("terminated", terminated)
        : Fields.At(state, "waiting") is { } waiting ? ("waiting", waiting) : ("unknown", null);

    /// <summary>For example <c>checkout: waiting CrashLoopBackOff, 3 restarts, last exit 78 (Error)</c>.</summary>
    public string Line()
    {
        List<string> parts = [$"{State}{(Reason is null ? "" : " " + Reason)}{(ExitCode is { } code ? $" exit {code}" : "")}"];
        if (State == "running" && !Ready) parts.Add("not ready");
        if (Restarts > 0) parts.Add($"{Restarts} restart{(Restarts == 1 ? "" : "s")}");
        if (LastExitCode is { } last) parts.Add($"last exit {last}{(LastReason is null ? "" : $" ({LastReason})")}");
        if (Message is { Length: > 0 }) parts.Add(Message);
        return $"{Name}: {string.Join(", ", parts)}";
    }

    public JsonObject ToJson() => new()
    {
        ["name"] = Name, ["state"] = State, ["reason"] = Reason, ["message"] = Message, ["exitCode"] = ExitCode,
        ["restarts"] = Restarts, ["ready"] = Ready, ["lastReason"] = LastReason, ["lastExitCode"] = LastExitCode,
    };
}
