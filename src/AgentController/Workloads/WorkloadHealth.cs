using Castellan.AgentApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Workloads;

/// <summary>Whether the pods of a workload run, and if not, why not.</summary>
internal static class WorkloadHealth
{
    public const string ReadyReason = "Ready";
    public const string ProgressingReason = "Progressing";
    public const string PodsFailingReason = "PodsFailing";

    // What the kubelet calls a container that will not start without help, as opposed to one that is being created.
    private static readonly string[] Stuck =
        ["CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError", "RunContainerError"];

    public static Verdict Of(Deployment? deployment, IEnumerable<Pod> pods)
    {
        if (deployment?.Status is not { } status || (status.ObservedGeneration ?? 0) < deployment.Metadata.Generation)
        {
            return Progressing("waiting for the Deployment's pods");
        }
        var wanted = deployment.Spec.Replicas ?? 1;
        if (status.UpdatedReplicas >= wanted && status.AvailableReplicas >= wanted && status.Replicas <= status.UpdatedReplicas)
        {
            return Verdict.Yes(ReadyReason, $"{status.AvailableReplicas} of {wanted} pods run");
        }
        return FailureOf(pods) ?? FailureOf(deployment) ?? Progressing($"{status.AvailableReplicas ?? 0} of {wanted} pods are ready");
    }

    private static Verdict? FailureOf(IEnumerable<Pod> pods) => pods
        .Where(p => p.Metadata.DeletionTimestamp is null)
        .OrderByDescending(p => p.Metadata.CreationTimestamp).ThenBy(p => p.Metadata.Name, StringComparer.Ordinal)
        .Select(FailureOf).FirstOrDefault(f => f is not null);

    private static Verdict? FailureOf(Pod pod)
    {
        if (pod.Status?.Conditions?.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" }) is { } unscheduled)
        {
            return Failing($"pod {pod.Metadata.Name} cannot be placed: {unscheduled.Reason}: {unscheduled.Message}");
        }
        foreach (var container in (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []))
        {
            var where = $"pod {pod.Metadata.Name}, container {container.Name}";
            if (container.State?.Waiting is { Reason: { } reason } waiting && Stuck.Contains(reason))
            {
                return Failing($"{where}: {reason}: {waiting.Message}{LastExit(container)}; see 'kubectl -n {pod.Metadata.Namespace} describe pod {pod.Metadata.Name}'");
            }
            if (container.State?.Terminated is { } ended && (ended.ExitCode != 0 || pod.Status?.Phase == "Failed"))
            {
                return Failing($"{where}: ended with exit code {ended.ExitCode} ({ended.Reason}){Words(ended.Message)}; see 'kubectl -n {pod.Metadata.Namespace} logs {pod.Metadata.Name} -c {container.Name}'");
            }
        }
        return null;
    }

    private static Verdict? FailureOf(Deployment deployment)
    {
        var failure = deployment.Status?.Conditions?.FirstOrDefault(c =>
            c is { Type: "ReplicaFailure", Status: "True" } or { Type: "Progressing", Status: "False" });
        return failure is null ? null : Failing($"Deployment {deployment.Metadata.Name}: {failure.Reason}: {failure.Message}");
    }

    private static string LastExit(ContainerStatus container) =>
        container.LastState?.Terminated is { } last ? $" (last exit code {last.ExitCode}, {last.Reason}{Words(last.Message)})" : "";

    private static string Words(string? message) => string.IsNullOrWhiteSpace(message) ? "" : $": {LastLine(message)}";

    private static string LastLine(string text)
    {
        var line = text.TrimEnd().Split('\n')[^1].Trim();
        return line.Length <= 300 ? line : $"{line[..297]}...";
    }

    private static Verdict Progressing(string message) => Verdict.No(ProgressingReason, message);

    private static Verdict Failing(string message) => Verdict.No(PodsFailingReason, message);
}
