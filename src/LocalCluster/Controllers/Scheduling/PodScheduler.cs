using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;

namespace Castellan.LocalCluster.Controllers.Scheduling;

/// <summary>Gives pods without a node one, or says why not.</summary>
internal sealed class PodScheduler(KubeConnection kube, InformerSet informers, EventRecorder events) : IReconciler<Pod>
{
    private readonly Informer<Pod> _pods = informers.For<Pod>();
    private readonly Informer<Node> _nodes = informers.For<Node>();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (_pods.Find(key) is not { Spec.NodeName: null, Metadata.DeletionTimestamp: null } pod) return ReconcileResult.Done;
        if (pod.Spec.SchedulerName is not (null or "" or "default-scheduler")) return ReconcileResult.Done;
        var (node, message) = Placement.Choose(pod, _nodes.Items, _pods.Items);
        if (node is null)
        {
            await ReportAsync(pod, message, ct);
            return ReconcileResult.Done;
        }
        try
        {
            await kube.BindAsync(pod.Key, pod.Metadata.Uid!, node, ct);
            events.Record(pod, EventType.Normal, "Scheduled", $"Successfully assigned {pod.Key} to {node}");
        }
        catch (KubeException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or placed already: our copy is old.
        }
        return ReconcileResult.Done;
    }

    /// <summary>The pods that wait for a node, to be looked at again when one changes or another pod ends.</summary>
    public IEnumerable<NamespacedName> Waiting() => _pods.Items.Where(p => string.IsNullOrEmpty(p.Spec.NodeName)).Select(p => p.Key);

    private async Task ReportAsync(Pod pod, string message, CancellationToken ct)
    {
        var old = pod.Status?.Conditions?.FirstOrDefault(c => c.Type == "PodScheduled");
        if (old is { Status: "False", Reason: "Unschedulable" } && old.Message == message) return;
        events.Record(pod, EventType.Warning, "FailedScheduling", message);
        var condition = new PodCondition
        {
            Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = message, ObservedGeneration = pod.Metadata.Generation,
            LastTransitionTime = old?.Status == "False" ? old.LastTransitionTime : kube.Time.GetUtcNow().UtcDateTime,
        };
        IList<PodCondition> conditions = [condition, .. (pod.Status?.Conditions ?? []).Where(c => c.Type != "PodScheduled")];
        await kube.PatchAsync<Pod>(pod.Key, KubePatch.Merge(new { Status = new { Phase = "Pending", Conditions = conditions } }), "status", ct: ct);
    }
}
