using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>How far the rollout of a workload is, by the rules of kubectl rollout status.</summary>
internal sealed record RolloutState(bool Complete, bool Failed, string Message, long Wanted, long Updated, long Ready, long Available)
{
    /// <summary><see langword="null"/> for kinds that have no rollout.</summary>
    public static RolloutState? Of(JsonObject workload)
    {
        long Status(string field) => Fields.Number(workload, "status", field) ?? 0;
        var observed = Status("observedGeneration") >= (Fields.Number(workload, "metadata", "generation") ?? 0);
        switch (Fields.Text(workload, "kind"))
        {
            case "Deployment":
                var state = new RolloutState(false, false, "", Fields.Number(workload, "spec", "replicas") ?? 1, Status("updatedReplicas"), Status("readyReplicas"), Status("availableReplicas"));
                return Deployment(workload, state, observed, Status("replicas"));
            case "StatefulSet":
                var set = new RolloutState(false, false, "", Fields.Number(workload, "spec", "replicas") ?? 1, Status("updatedReplicas"), Status("readyReplicas"), Status("availableReplicas"));
                return Finish(set, observed && set.Updated >= set.Wanted && set.Ready >= set.Wanted, $"{set.Updated} of {set.Wanted} pods updated, {set.Ready} ready");
            case "DaemonSet":
                var daemons = new RolloutState(false, false, "", Status("desiredNumberScheduled"), Status("updatedNumberScheduled"), Status("numberReady"), Status("numberAvailable"));
                return Finish(daemons, observed && daemons.Updated >= daemons.Wanted && daemons.Available >= daemons.Wanted, $"{daemons.Updated} of {daemons.Wanted} pods updated, {daemons.Available} available");
            case "ReplicaSet":
                var replicas = new RolloutState(false, false, "", Fields.Number(workload, "spec", "replicas") ?? 1, Status("replicas"), Status("readyReplicas"), Status("availableReplicas"));
                return Finish(replicas, observed && replicas.Available >= replicas.Wanted, $"{replicas.Ready} of {replicas.Wanted} pods ready");
            default:
                return null;
        }
    }

    private static RolloutState Deployment(JsonObject workload, RolloutState state, bool observed, long replicas)
    {
        var progressing = Fields.Items(workload, "status", "conditions").FirstOrDefault(c => Fields.Text(c, "type") == "Progressing");
        if (Fields.Text(progressing, "reason") == "ProgressDeadlineExceeded")
            return state with { Failed = true, Message = $"exceeded its progress deadline: {Fields.Text(progressing, "message")}" };
        if (!observed) return state with { Message = "the controller has not seen the latest spec yet" };
        if (state.Updated < state.Wanted) return state with { Message = $"{state.Updated} of {state.Wanted} pods updated" };
        if (replicas > state.Updated) return state with { Message = $"{replicas - state.Updated} old pods still to end" };
        return Finish(state, state.Available >= state.Updated, $"{state.Available} of {state.Updated} updated pods available");
    }

    private static RolloutState Finish(RolloutState state, bool complete, string message) =>
        state with { Complete = complete, Message = complete ? $"complete: {message}" : message };

    public JsonObject ToJson() => new()
    {
        ["complete"] = Complete, ["failed"] = Failed, ["message"] = Message, ["wanted"] = Wanted, ["updated"] = Updated, ["ready"] = Ready, ["available"] = Available,
    };
}
