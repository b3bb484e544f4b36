using System.Globalization;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;

namespace Castellan.LocalCluster.Controllers.Deployments;

/// <summary>The revision bookkeeping in annotations, which <c>kubectl rollout history</c> and <c>undo</c> read.</summary>
/// <remarks>Source: pkg/controller/deployment/util/deployment_util.go.</remarks>
internal static class Revisions
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string History = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    // A set's own bookkeeping, and what belongs to the Deployment's manifest alone.
    private static readonly HashSet<string> NotCopied =
        ["kubectl.kubernetes.io/last-applied-configuration", Revision, History, DesiredReplicas, MaxReplicas, "deprecated.deployment.rollback.to"];

    public static int Of(KubeObject value) =>
        value.Metadata.Annotations?.TryGetValue(Revision, out var text) is true && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Brings a set's annotations up to date; true if something changed.</summary>
    public static bool Annotate(ReplicaSet set, Deployment deployment, int revision, int surge)
    {
        var annotations = set.Metadata.Annotations ??= new Dictionary<string, string>();
        var changed = false;
        foreach (var (key, value) in deployment.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            if (!NotCopied.Contains(key)) changed |= Put(annotations, key, value);
        }
        var old = Of(set);
        if (old < revision)
        {
            if (old > 0)
            {
                var history = annotations.TryGetValue(History, out var before) && before.Length > 0 ? $"{before},{old}" : $"{old}";
                Put(annotations, History, history);
            }
            changed |= Put(annotations, Revision, revision.ToString(CultureInfo.InvariantCulture));
        }
        return changed | AnnotateSize(set, deployment, surge);
    }

    /// <summary>Notes the sizes the set was scaled for; true if something changed.</summary>
    public static bool AnnotateSize(ReplicaSet set, Deployment deployment, int surge)
    {
        var annotations = set.Metadata.Annotations ??= new Dictionary<string, string>();
        var wanted = deployment.Spec.Replicas ?? 1;
        var changed = Put(annotations, DesiredReplicas, wanted.ToString(CultureInfo.InvariantCulture));
        return Put(annotations, MaxReplicas, (wanted + surge).ToString(CultureInfo.InvariantCulture)) | changed;
    }

    private static bool Put(IDictionary<string, string> annotations, string key, string value)
    {
        if (annotations.TryGetValue(key, out var old) && old == value) return false;
        annotations[key] = value;
        return true;
    }
}
