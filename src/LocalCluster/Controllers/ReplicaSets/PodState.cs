using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Controllers.ReplicaSets;

/// <summary>Questions that controllers ask of a pod.</summary>
internal static class PodState
{
    /// <summary>Neither ended nor ending.</summary>
    public static bool IsActive(Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status?.Phase is not ("Succeeded" or "Failed");

    public static bool IsReady(Pod pod) => ReadyCondition(pod)?.Status == "True";

    public static PodCondition? ReadyCondition(Pod pod) => pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");

    /// <summary>Ready for at least so long.</summary>
    public static bool IsAvailable(Pod pod, int minReadySeconds, DateTime now) =>
        ReadyCondition(pod) is { Status: "True" } ready && (minReadySeconds == 0 || ready.LastTransitionTime?.AddSeconds(minReadySeconds) <= now);
}
