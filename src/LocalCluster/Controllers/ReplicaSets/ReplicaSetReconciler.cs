using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;

namespace Castellan.LocalCluster.Controllers.ReplicaSets;

/// <summary>Keeps the number of pods that a ReplicaSet asks for.</summary>
internal sealed class ReplicaSetReconciler(KubeConnection kube, InformerSet informers, EventRecorder events) : IReconciler<ReplicaSet>
{
    private readonly Informer<ReplicaSet> _sets = informers.For<ReplicaSet>();
    private readonly Informer<Pod> _pods = informers.For<Pod>();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (_sets.Find(key) is not { } set) return ReconcileResult.Done;
        var pods = _pods.OwnedBy(set.Metadata.Uid!).ToList();
        var wanted = set.Spec.Replicas ?? 1;
        Exception? failure = null;
        if (set.Metadata.DeletionTimestamp is null && pods.Count(PodState.IsActive) != wanted)
        {
            // The cache lags behind our own writes; ask before making or ending pods that the last look did or did not show.
            pods = await LiveAsync(set, ct);
            try
            {
                await ScaleAsync(set, [.. pods.Where(PodState.IsActive)], wanted, ct);
            }
            catch (KubeException e)
            {
                failure = e;
            }
        }
        var now = kube.Time.GetUtcNow().UtcDateTime;
        await ReportAsync(set, pods, failure, now, ct);
        if (failure is not null) throw failure;
        return NextLook(set, pods, now);
    }

    private async Task<List<Pod>> LiveAsync(ReplicaSet set, CancellationToken ct)
    {
        var list = await kube.ListAsync<Pod>(set.Metadata.Namespace, new ListOptions { LabelSelector = set.Spec.Selector.ToString() }, ct);
        return [.. list.Items.Where(p => p.Metadata.OwnerReferences?.Any(o => o.Uid == set.Metadata.Uid) is true)];
    }

    private async Task ScaleAsync(ReplicaSet set, List<Pod> active, int wanted, CancellationToken ct)
    {
        for (var missing = wanted - active.Count; missing > 0; missing--) await CreateAsync(set, ct);
        foreach (var pod in active.OrderBy(Worth).ThenByDescending(p => p.Metadata.CreationTimestamp).Take(active.Count - wanted))
        {
            if (!await kube.DeleteAsync<Pod>(pod.Key, new DeleteOptions { Preconditions = new DeletePreconditions(pod.Metadata.Uid) }, ct)) continue;
            events.Record(set, EventType.Normal, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
        }
    }

    /// <summary>Who is ended last: unplaced before placed, pending before running, unready before ready.</summary>
    private static int Worth(Pod pod) =>
        (pod.Spec.NodeName is null ? 0 : 4) + (pod.Status?.Phase == "Running" ? 2 : 0) + (PodState.IsReady(pod) ? 1 : 0);

    private async Task CreateAsync(ReplicaSet set, CancellationToken ct)
    {
        var template = KubeJson.Copy(set.Spec.Template ?? new PodTemplateSpec());
        var pod = new Pod
        {
            Metadata =
            {
                // The server makes the name: five letters after the set's.
                GenerateName = $"{set.Metadata.Name}-",
                Namespace = set.Metadata.Namespace,
                Labels = template.Metadata?.Labels,
                Annotations = template.Metadata?.Annotations,
                OwnerReferences = [set.AsOwner()],
            },
            Spec = template.Spec,
        };
        try
        {
            var created = await kube.CreateAsync(pod, ct: ct);
            events.Record(set, EventType.Normal, "SuccessfulCreate", $"Created pod: {created.Metadata.Name}");
        }
        catch (KubeException e)
        {
            events.Record(set, EventType.Warning, "FailedCreate", $"Error creating: {e.Message}");
            throw;
        }
    }

    private async Task ReportAsync(ReplicaSet set, List<Pod> pods, Exception? failure, DateTime now, CancellationToken ct)
    {
        var active = pods.Where(PodState.IsActive).ToList();
        var old = set.Status;
        var labels = set.Spec.Template?.Metadata?.Labels ?? new Dictionary<string, string>();
        var status = new ReplicaSetStatus
        {
            Replicas = active.Count,
            FullyLabeledReplicas = active.Count(p => labels.All(l => p.Metadata.Labels?.TryGetValue(l.Key, out var v) is true && v == l.Value)),
            ReadyReplicas = active.Count(PodState.IsReady),
            AvailableReplicas = active.Count(p => PodState.IsAvailable(p, set.Spec.MinReadySeconds ?? 0, now)),
            ObservedGeneration = set.Metadata.Generation,
            Conditions = failure is null ? null : [Failure(old, failure, now)],
        };
        if (old is not null && Same(old, status)) return;
        var copy = KubeJson.Copy(set);
        copy.Status = status;
        try
        {
            await kube.ReplaceStatusAsync(copy, ct: ct);
        }
        catch (KubeException e) when (e.IsNotFound)
        {
            // Deleted meanwhile.
        }
    }

    private static ReplicaSetCondition Failure(ReplicaSetStatus? old, Exception failure, DateTime now) => new()
    {
        Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = failure.Message,
        LastTransitionTime = old?.Conditions?.FirstOrDefault(c => c.Type == "ReplicaFailure")?.LastTransitionTime ?? now,
    };

    private static bool Same(ReplicaSetStatus a, ReplicaSetStatus b) =>
        (a.Replicas, a.FullyLabeledReplicas ?? 0, a.ReadyReplicas ?? 0, a.AvailableReplicas ?? 0, a.ObservedGeneration)
            == (b.Replicas, b.FullyLabeledReplicas ?? 0, b.ReadyReplicas ?? 0, b.AvailableReplicas ?? 0, b.ObservedGeneration)
        && a.Conditions?.FirstOrDefault()?.Message == b.Conditions?.FirstOrDefault()?.Message;

    /// <summary>A ready pod becomes available by time alone.</summary>
    private static ReconcileResult NextLook(ReplicaSet set, List<Pod> pods, DateTime now)
    {
        if (set.Spec.MinReadySeconds is not { } seconds || seconds <= 0) return ReconcileResult.Done;
        var waits = pods.Where(p => PodState.IsActive(p) && PodState.IsReady(p)).Select(p => PodState.ReadyCondition(p)!.LastTransitionTime!.Value.AddSeconds(seconds))
            .Where(t => t > now).ToList();
        return waits.Count == 0 ? ReconcileResult.Done : ReconcileResult.After(waits.Min() - now + TimeSpan.FromMilliseconds(50));
    }
}
