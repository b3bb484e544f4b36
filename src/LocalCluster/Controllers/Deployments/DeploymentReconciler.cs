using System.Text.Json;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Controllers;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;

namespace Castellan.LocalCluster.Controllers.Deployments;

/// <summary>Rolls a Deployment's template out through ReplicaSets.</summary>
/// <remarks>Source: pkg/controller/deployment. Every look takes at most one step per set; the informers' news brings the next look.</remarks>
internal sealed class DeploymentReconciler(KubeConnection kube, InformerSet informers, EventRecorder events) : IReconciler<Deployment>
{
    private const int DefaultHistory = 10;
    private readonly Informer<Deployment> _deployments = informers.For<Deployment>();
    private readonly Informer<ReplicaSet> _sets = informers.For<ReplicaSet>();
    private readonly Informer<Pod> _pods = informers.For<Pod>();

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        if (_deployments.Find(key) is not { } deployment) return ReconcileResult.Done;
        var sets = _sets.OwnedBy(deployment.Metadata.Uid!).Select(KubeJson.Copy).OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(Revisions.Of).ToList();
        var current = sets.Find(s => TemplateHash.Same(s.Spec.Template ?? new PodTemplateSpec(), deployment.Spec.Template));
        if (deployment.Metadata.DeletionTimestamp is null)
        {
            if (deployment.Spec.Paused is not true)
            {
                current = await CurrentSetAsync(deployment, current, sets, ct);
                await StepAsync(deployment, current, sets, ct);
                await TidyAsync(deployment, current, sets, ct);
            }
            else if (sets.Where(s => (s.Spec.Replicas ?? 1) > 0).ToList() is [var only])
            {
                // Paused: no rollout, but its size may still change.
                await ResizeAsync(deployment, only, deployment.Spec.Replicas ?? 1, ct);
            }
        }
        return await ReportAsync(deployment, current, sets, ct);
    }

    /// <summary>The set of the present template: made when there is none, given the highest revision.</summary>
    private async Task<ReplicaSet> CurrentSetAsync(Deployment deployment, ReplicaSet? current, List<ReplicaSet> sets, CancellationToken ct)
    {
        var highest = sets.Where(s => s != current).Select(Revisions.Of).DefaultIfEmpty(0).Max();
        var revision = highest + 1;
        var (surge, _) = Rollout.Bounds(deployment.Spec, deployment.Spec.Replicas ?? 1);
        if (current is null)
        {
            current = await CreateSetAsync(deployment, sets, (revision, surge), ct);
            sets.Add(current);
        }
        else if (Revisions.Annotate(current, deployment, Math.Max(revision, Revisions.Of(current)), surge) | Follow(deployment, current))
        {
            Replace(sets, current = await kube.ReplaceAsync(current, ct: ct));
        }
        await WriteRevisionAsync(deployment, Revisions.Of(current), ct);
        return current;
    }

    private static bool Follow(Deployment deployment, ReplicaSet set)
    {
        if ((set.Spec.MinReadySeconds ?? 0) == (deployment.Spec.MinReadySeconds ?? 0)) return false;
        set.Spec.MinReadySeconds = deployment.Spec.MinReadySeconds;
        return true;
    }

    private async Task<ReplicaSet> CreateSetAsync(Deployment deployment, List<ReplicaSet> sets, (int Revision, int Surge) marks, CancellationToken ct)
    {
        var hash = TemplateHash.Of(deployment.Spec.Template, deployment.Status?.CollisionCount);
        var template = KubeJson.Copy(deployment.Spec.Template);
        var labels = new Dictionary<string, string>(template.Metadata?.Labels ?? new Dictionary<string, string>()) { [TemplateHash.Label] = hash };
        (template.Metadata ??= new ObjectMeta()).Labels = labels;
        var selector = KubeJson.Copy(deployment.Spec.Selector);
        selector.MatchLabels = new Dictionary<string, string>(selector.MatchLabels ?? new Dictionary<string, string>()) { [TemplateHash.Label] = hash };
        var set = new ReplicaSet
        {
            Metadata =
            {
                Name = $"{deployment.Metadata.Name}-{hash}", Namespace = deployment.Metadata.Namespace, Labels = labels, OwnerReferences = [deployment.AsOwner()],
            },
            Spec = new ReplicaSetSpec { Selector = selector, Template = template, MinReadySeconds = deployment.Spec.MinReadySeconds },
        };
        var old = sets.Select(Size).ToList();
        var first = Rollout.Next(deployment.Spec, new RolloutSet(set.Metadata.Name, 0, 0), old, sets.Exists(HasPods));
        set.Spec.Replicas = first.FirstOrDefault(c => c.Name == set.Metadata.Name).Replicas;
        Revisions.Annotate(set, deployment, marks.Revision, marks.Surge);
        try
        {
            var created = await kube.CreateAsync(set, ct: ct);
            if (created.Spec.Replicas > 0)
                events.Record(deployment, EventType.Normal, "ScalingReplicaSet", $"Scaled up replica set {created.Metadata.Name} from 0 to {created.Spec.Replicas}");
            return created;
        }
        catch (KubeException e) when (e.IsAlreadyExists)
        {
            var there = await kube.GetAsync<ReplicaSet>(set.Key, ct);
            if (there.Metadata.OwnerReferences?.Any(o => o.Uid == deployment.Metadata.Uid) is true
                && TemplateHash.Same(there.Spec.Template!, deployment.Spec.Template)) return there;
            // Somebody else's set has the name: count the clash, which makes another name.
            var copy = KubeJson.Copy(deployment);
            (copy.Status ??= new DeploymentStatus()).CollisionCount = (copy.Status.CollisionCount ?? 0) + 1;
            await kube.ReplaceStatusAsync(copy, ct: ct);
            throw;
        }
    }

    private async Task StepAsync(Deployment deployment, ReplicaSet current, List<ReplicaSet> sets, CancellationToken ct)
    {
        var old = sets.Where(s => s.Metadata.Uid != current.Metadata.Uid).ToList();
        var steps = Rollout.Next(deployment.Spec, Size(current), [.. old.Select(Size)], old.Exists(HasPods));
        foreach (var (name, replicas) in steps)
        {
            var set = sets.Find(s => s.Metadata.Name == name)!;
            Replace(sets, await ResizeAsync(deployment, set, replicas, ct));
        }
    }

    private async Task<ReplicaSet> ResizeAsync(Deployment deployment, ReplicaSet set, int replicas, CancellationToken ct)
    {
        var before = set.Spec.Replicas ?? 1;
        if (before == replicas) return set;
        set.Spec.Replicas = replicas;
        Revisions.AnnotateSize(set, deployment, Rollout.Bounds(deployment.Spec, deployment.Spec.Replicas ?? 1).Surge);
        var written = await kube.ReplaceAsync(set, ct: ct);
        events.Record(deployment, EventType.Normal, "ScalingReplicaSet",
            $"Scaled {(replicas > before ? "up" : "down")} replica set {set.Metadata.Name} from {before} to {replicas}");
        return written;
    }

    /// <summary>Deletes the oldest empty sets beyond the history limit.</summary>
    private async Task TidyAsync(Deployment deployment, ReplicaSet current, List<ReplicaSet> sets, CancellationToken ct)
    {
        var empty = sets.Where(s => s.Metadata.Uid != current.Metadata.Uid && s is { Spec.Replicas: 0, Status.Replicas: 0, Metadata.DeletionTimestamp: null })
            .OrderBy(Revisions.Of).ToList();
        var keep = deployment.Spec.RevisionHistoryLimit ?? DefaultHistory;
        foreach (var set in empty.Take(Math.Max(0, empty.Count - keep))) await kube.DeleteAsync<ReplicaSet>(set.Key, ct: ct);
    }

    private async Task WriteRevisionAsync(Deployment deployment, int revision, CancellationToken ct)
    {
        if (Revisions.Of(deployment) == revision) return;
        var annotation = new Dictionary<string, string> { [Revisions.Revision] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        await kube.PatchAsync<Deployment>(deployment.Key, KubePatch.Merge(new { Metadata = new { Annotations = annotation } }), ct: ct);
    }

    private async Task<ReconcileResult> ReportAsync(Deployment deployment, ReplicaSet? current, List<ReplicaSet> sets, CancellationToken ct)
    {
        var now = kube.Time.GetUtcNow().UtcDateTime;
        var status = DeploymentProgress.Status(deployment, current, sets, now);
        var json = JsonSerializer.Serialize(status, KubeJson.Options);
        if (deployment.Status is null || JsonSerializer.Serialize(deployment.Status, KubeJson.Options) != json)
        {
            var copy = await kube.FindAsync<Deployment>(deployment.Key, ct);
            if (copy is null || copy.Metadata.Generation != deployment.Metadata.Generation) return ReconcileResult.Done; // newer news is on its way
            copy.Status = status;
            await kube.ReplaceStatusAsync(copy, ct: ct);
        }
        return DeploymentProgress.Deadline(deployment, status) is { } at && !DeploymentProgress.IsComplete(deployment, status)
            ? ReconcileResult.After(TimeSpan.FromTicks(Math.Max((at - now).Ticks, 0)) + TimeSpan.FromSeconds(1)) : ReconcileResult.Done;
    }

    private bool HasPods(ReplicaSet set) => _pods.OwnedBy(set.Metadata.Uid!).Any();

    private static RolloutSet Size(ReplicaSet set) => new(set.Metadata.Name!, set.Spec.Replicas ?? 1, set.Status?.AvailableReplicas ?? 0);

    private static void Replace(List<ReplicaSet> sets, ReplicaSet written) => sets[sets.FindIndex(s => s.Metadata.Uid == written.Metadata.Uid)] = written;
}
