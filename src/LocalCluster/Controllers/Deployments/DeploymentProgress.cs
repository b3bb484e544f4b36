using Castellan.KubeApi.Apps;

namespace Castellan.LocalCluster.Controllers.Deployments;

/// <summary>Works out a Deployment's status. Pure.</summary>
/// <remarks>Source: pkg/controller/deployment/sync.go (calculateStatus) and progress.go.</remarks>
internal static class DeploymentProgress
{
    private const int NoDeadline = int.MaxValue;

    public static DeploymentStatus Status(Deployment deployment, ReplicaSet? current, IReadOnlyList<ReplicaSet> all, DateTime now)
    {
        var spec = deployment.Spec;
        var old = deployment.Status ?? new DeploymentStatus();
        var available = all.Sum(s => s.Status?.AvailableReplicas ?? 0);
        var status = new DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = all.Sum(s => s.Status?.Replicas ?? 0),
            UpdatedReplicas = current?.Status?.Replicas ?? 0,
            ReadyReplicas = all.Sum(s => s.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, all.Sum(s => s.Spec.Replicas ?? 1) - available),
            CollisionCount = old.CollisionCount,
        };
        var (_, unavailable) = Rollout.Bounds(spec, spec.Replicas ?? 1);
        var enough = available >= (spec.Replicas ?? 1) - unavailable;
        status.Conditions =
        [
            enough ? Make(old, "Available", "True", ("MinimumReplicasAvailable", "Deployment has minimum availability."), now)
                : Make(old, "Available", "False", ("MinimumReplicasUnavailable", "Deployment does not have minimum availability."), now),
            .. Progressing(deployment, current, status, now),
            .. Failure(old, all, now),
        ];
        return status;
    }

    public static bool IsComplete(Deployment deployment, DeploymentStatus status) =>
        status.UpdatedReplicas == (deployment.Spec.Replicas ?? 1) && status.Replicas == status.UpdatedReplicas
        && status.AvailableReplicas == status.UpdatedReplicas && status.ObservedGeneration >= deployment.Metadata.Generation;

    /// <summary>When the progress deadline passes, if it runs.</summary>
    public static DateTime? Deadline(Deployment deployment, DeploymentStatus status)
    {
        var seconds = deployment.Spec.ProgressDeadlineSeconds ?? 600;
        return seconds == NoDeadline || deployment.Spec.Paused is true || status.Conditions?.FirstOrDefault(c => c.Type == "Progressing") is not
            { Status: "True", Reason: not "NewReplicaSetAvailable", LastUpdateTime: { } since } ? null : since.AddSeconds(seconds);
    }

    private static IEnumerable<DeploymentCondition> Progressing(Deployment deployment, ReplicaSet? current, DeploymentStatus status, DateTime now)
    {
        var old = deployment.Status ?? new DeploymentStatus();
        var before = old.Conditions?.FirstOrDefault(c => c.Type == "Progressing");
        if (deployment.Spec.Paused is true)
            return [Make(old, "Progressing", "Unknown", ("DeploymentPaused", "Deployment is paused"), now)];
        var what = current is null ? $"Deployment \"{deployment.Metadata.Name}\"" : $"ReplicaSet \"{current.Metadata.Name}\"";
        if (IsComplete(deployment, status)) return [Make(old, "Progressing", "True", ("NewReplicaSetAvailable", $"{what} has successfully progressed."), now)];
        // Fewer old pods, more new ones, or more ready ones: it moves, and the deadline starts anew.
        var moved = before is null || status.UpdatedReplicas > (old.UpdatedReplicas ?? 0) || status.ReadyReplicas > (old.ReadyReplicas ?? 0)
            || status.AvailableReplicas > (old.AvailableReplicas ?? 0)
            || status.Replicas - status.UpdatedReplicas < (old.Replicas ?? 0) - (old.UpdatedReplicas ?? 0)
            || old.ObservedGeneration != deployment.Metadata.Generation && before.Reason is "NewReplicaSetAvailable" or "DeploymentPaused";
        if (moved)
        {
            var next = Make(old, "Progressing", "True", before is null ? ("NewReplicaSetCreated", $"Created new replica set \"{current?.Metadata.Name}\"") : ("ReplicaSetUpdated", $"{what} is progressing."), now);
            next.LastUpdateTime = now;
            return [next];
        }
        var seconds = deployment.Spec.ProgressDeadlineSeconds ?? 600;
        if (before!.Status == "True" && before.Reason != "NewReplicaSetAvailable" && seconds != NoDeadline && before.LastUpdateTime?.AddSeconds(seconds) <= now)
            return [Make(old, "Progressing", "False", ("ProgressDeadlineExceeded", $"{what} has timed out progressing."), now)];
        return [before];
    }

    private static IEnumerable<DeploymentCondition> Failure(DeploymentStatus old, IReadOnlyList<ReplicaSet> all, DateTime now) =>
        all.SelectMany(s => s.Status?.Conditions ?? []).FirstOrDefault(c => c is { Type: "ReplicaFailure", Status: "True" }) is { } failure
            ? [Make(old, "ReplicaFailure", "True", (failure.Reason ?? "FailedCreate", failure.Message ?? ""), now)] : [];

    private static DeploymentCondition Make(DeploymentStatus old, string type, string status, (string Reason, string Message) why, DateTime now)
    {
        var before = old.Conditions?.FirstOrDefault(c => c.Type == type);
        if (before is not null && before.Status == status && before.Reason == why.Reason && before.Message == why.Message) return before;
        return new DeploymentCondition
        {
            Type = type, Status = status, Reason = why.Reason, Message = why.Message, LastUpdateTime = now,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : now,
        };
    }
}
