using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>Works out a pod's status from its containers, in the words of the real kubelet. Pure.</summary>
/// <remarks>Source: kubelet_pods.go (getPhase, generateAPIPodStatus) and status/generate.go.</remarks>
internal static class PodStatusBuilder
{
    private static readonly HashSet<string> Ours = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"];

    public static PodStatus Build(Pod pod, PodFacts facts, DateTime now)
    {
        var init = facts.Containers.Where(c => c.IsInit).ToList();
        var main = facts.Containers.Where(c => !c.IsInit).ToList();
        var phase = Phase(pod, init, main);
        var status = new PodStatus
        {
            Phase = phase,
            ObservedGeneration = pod.Metadata.Generation,
            HostIP = facts.HostIp,
            PodIP = facts.PodIp,
            PodIPs = facts.PodIp is { } ip ? [new PodAddress { Ip = ip }] : null,
            StartTime = facts.StartTime,
            InitContainerStatuses = init.Count > 0 ? [.. init.Select(ContainerStatusOf)] : null,
            ContainerStatuses = [.. main.Select(ContainerStatusOf)],
            QosClass = pod.Status?.QosClass ?? QosClass(pod),
            More = pod.Status?.More,
        };
        status.Conditions = Conditions(pod, status, facts, now);
        return status;
    }

    public static ContainerStatus ContainerStatusOf(ContainerRun run) => new()
    {
        Name = run.Name,
        State = run.State,
        LastState = new ContainerState { Terminated = run.Last },
        Ready = run.IsInit ? run.State.Terminated is { ExitCode: 0 } : run.Ready && run.State.Running is not null,
        Started = run.Started && run.State.Running is not null,
        RestartCount = run.RestartCount,
        Image = run.Spec.Image ?? "",
        ImageID = run.ContainerId is null ? "" : run.Spec.Image ?? "",
        ContainerID = run.ContainerId,
    };

    private static string Phase(Pod pod, List<ContainerRun> init, List<ContainerRun> main)
    {
        var policy = pod.Spec.RestartPolicy ?? "Always";
        if (policy == "Never" && init.Exists(c => c.State.Terminated is { ExitCode: not 0 })) return "Failed";
        if (!init.TrueForAll(c => c.State.Terminated is { ExitCode: 0 })) return "Pending";
        var (waiting, running, stopped, succeeded) = (0, 0, 0, 0);
        foreach (var run in main)
        {
            if (run.State.Running is not null) running++;
            else if ((run.State.Terminated ?? run.Last) is { } ended)
            {
                stopped++;
                if (run.State.Terminated is not null && ended.ExitCode == 0) succeeded++;
            }
            else waiting++;
        }
        if (waiting > 0) return "Pending";
        if (running > 0 || stopped == 0) return running > 0 ? "Running" : "Pending";
        if (policy == "Always" && pod.Metadata.DeletionTimestamp is null) return "Running";
        if (stopped == succeeded) return "Succeeded";
        return policy == "Never" || pod.Metadata.DeletionTimestamp is not null ? "Failed" : "Running";
    }

    private static List<PodCondition> Conditions(Pod pod, PodStatus status, PodFacts facts, DateTime now)
    {
        var old = facts.Before ?? pod.Status?.Conditions ?? [];
        var initialized = facts.Containers.Where(c => c.IsInit).All(c => c.State.Terminated is { ExitCode: 0 });
        var (reason, message) = Unready(status, facts);
        var ready = reason is null;
        var all = new List<PodCondition>
        {
            Make("PodReadyToStartContainers", facts.IsPrepared, null, null),
            initialized ? Make("Initialized", true, status.Phase == "Succeeded" ? "PodCompleted" : null, null)
                : Make("Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{Names(facts, c => c.IsInit && c.State.Terminated is not { ExitCode: 0 })}]"),
            Make("Ready", ready, reason, message),
            Make("ContainersReady", ready, reason, message),
        };
        // What others observe (the scheduler, a controller) stays as it is.
        return [.. all, .. (pod.Status?.Conditions ?? []).Where(c => !Ours.Contains(c.Type))];

        PodCondition Make(string type, bool holds, string? why, string? text)
        {
            var value = holds ? "True" : "False";
            var before = old.FirstOrDefault(c => c.Type == type);
            return new PodCondition
            {
                Type = type, Status = value, Reason = why, Message = text, ObservedGeneration = pod.Metadata.Generation,
                LastTransitionTime = before?.Status == value ? before.LastTransitionTime : now,
            };
        }
    }

    private static (string? Reason, string? Message) Unready(PodStatus status, PodFacts facts)
    {
        if (status.Phase == "Succeeded") return ("PodCompleted", null);
        if (status.Phase == "Failed") return ("PodFailed", null);
        var unready = Names(facts, c => !c.IsInit && !(c.Ready && c.State.Running is not null));
        return unready.Length == 0 ? (null, null) : ("ContainersNotReady", $"containers with unready status: [{unready}]");
    }

    private static string Names(PodFacts facts, Func<ContainerRun, bool> which) => string.Join(' ', facts.Containers.Where(which).Select(c => c.Name));

    private static string QosClass(Pod pod)
    {
        var all = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).ToList();
        if (all.TrueForAll(c => c.Resources is not { Requests.Count: > 0 } and not { Limits.Count: > 0 })) return "BestEffort";
        var guaranteed = all.TrueForAll(c => c.Resources?.Limits is { } limits && limits.ContainsKey("cpu") && limits.ContainsKey("memory")
            && (c.Resources.Requests ?? limits).All(r => limits.TryGetValue(r.Key, out var limit) && limit.ToString() == r.Value.ToString()));
        return guaranteed ? "Guaranteed" : "Burstable";
    }
}

/// <summary>What a status is worked out from.</summary>
internal sealed record PodFacts(IReadOnlyList<ContainerRun> Containers, string HostIp)
{
    public string? PodIp { get; init; }

    public DateTime? StartTime { get; init; }

    /// <summary>The conditions written last, whose times go on while they hold; null takes the pod's.</summary>
    public IList<PodCondition>? Before { get; init; }

    /// <summary>Whether address and volumes are there.</summary>
    public bool IsPrepared { get; init; }
}
