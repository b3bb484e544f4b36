using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Cluster;

/// <summary>Lets the pods of a Deployment run or fail, on servers where no kubelet works.</summary>
internal interface IPodPlayer
{
    /// <summary>All containers run and are ready.</summary>
    Task RunAsync(string deployment);

    /// <summary>The first container waits for this reason.</summary>
    Task FailAsync(string deployment, string reason, string message);
}

/// <summary>A real controller manager makes the pods; only the kubelet is played.</summary>
internal sealed class RealPods(OperatorCluster cluster) : IPodPlayer
{
    public Task RunAsync(string deployment) => SetAsync(deployment, PodStates.Running);

    public Task FailAsync(string deployment, string reason, string message) => SetAsync(deployment, pod => PodStates.Waiting(pod, reason, message));

    private async Task SetAsync(string deployment, Func<Pod, PodStatus> status)
    {
        var owner = await cluster.UntilAsync<Deployment>(deployment, d => d.Status?.ObservedGeneration == d.Metadata.Generation && d.Status?.UpdatedReplicas > 0);
        foreach (var pod in (await cluster.Kube.ListAsync<Pod>(cluster.Namespace, new ListOptions { LabelSelector = owner.Spec.Selector.ToString() }, cluster.Deadline)).Items)
        {
            await PodStates.PatchAsync(cluster, pod.Key, status(pod));
        }
    }
}

/// <summary>Nothing works but the API server: Deployment controller and kubelet are played.</summary>
internal sealed class PlayedPods(OperatorCluster cluster) : IPodPlayer
{
    public Task RunAsync(string deployment) => SetAsync(deployment, 1, PodStates.Running);

    public Task FailAsync(string deployment, string reason, string message) => SetAsync(deployment, 0, pod => PodStates.Waiting(pod, reason, message));

    private async Task SetAsync(string name, int available, Func<Pod, PodStatus> status)
    {
        var deployment = await cluster.UntilAsync<Deployment>(name, _ => true);
        var key = cluster.Key($"{name}-0");
        if (await cluster.Kube.FindAsync<Pod>(key, cluster.Deadline) is null)
        {
            await cluster.Kube.CreateAsync(new Pod
            {
                Metadata = new ObjectMeta { Name = key.Name, Namespace = key.Namespace, Labels = deployment.Spec.Template.Metadata!.Labels, OwnerReferences = [deployment.AsOwner()] },
                Spec = deployment.Spec.Template.Spec,
            }, ct: cluster.Deadline);
        }
        await PodStates.PatchAsync(cluster, key, status(await cluster.GetAsync<Pod>(key.Name)));
        var counts = new { status = new { observedGeneration = deployment.Metadata.Generation, replicas = 1, updatedReplicas = 1, readyReplicas = available, availableReplicas = available } };
        await cluster.Kube.PatchAsync<Deployment>(deployment.Key, KubePatch.Merge(counts), "status", ct: cluster.Deadline);
    }
}

internal static class PodStates
{
    public static PodStatus Running(Pod pod) => new()
    {
        Phase = "Running",
        Conditions = [new PodCondition { Type = "Ready", Status = "True", LastTransitionTime = DateTime.UnixEpoch }],
        ContainerStatuses = [.. pod.Spec.Containers.Select(c => new ContainerStatus
        {
            Name = c.Name, Image = c.Image!, Ready = true, State = new ContainerState { Running = new ContainerStateRunning { StartedAt = DateTime.UnixEpoch } },
        })],
    };

    public static PodStatus Waiting(Pod pod, string reason, string message) => new()
    {
        Phase = "Pending",
        Conditions = [new PodCondition { Type = "Ready", Status = "False" }],
        ContainerStatuses = [new ContainerStatus
        {
            Name = pod.Spec.Containers[0].Name, Image = pod.Spec.Containers[0].Image!,
            State = new ContainerState { Waiting = new ContainerStateWaiting { Reason = reason, Message = message } },
        }],
    };

    public static Task PatchAsync(OperatorCluster cluster, NamespacedName pod, PodStatus status) => cluster.Kube.PatchAsync<Pod>(
        pod, KubePatch.Merge(new JsonObject { ["status"] = JsonSerializer.SerializeToNode(status, KubeJson.Options) }), "status", ct: cluster.Deadline);
}
