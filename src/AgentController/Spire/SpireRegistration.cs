using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;

namespace Castellan.AgentController.Spire;

/// <summary>The registration of one workload with SPIRE.</summary>
/// <remarks>
/// It is cluster-scoped, so that it can have no owner in a namespace: its name follows from the workload's and its labels lead back. The ID is
/// made from the pod's own service account, never from a label that another pod could carry; and of a pod's containers only ours gets it.
/// </remarks>
internal static class SpireRegistration
{
    /// <summary>Names cannot clash: neither a namespace nor a workload's name holds a dot.</summary>
    public static string NameOf(string ns, string workload) => $"castellan.{ns}.{workload}";

    public static ClusterSpiffeId Of(Workload workload, AgentControllerOptions options)
    {
        var owner = workload.Owner;
        var ns = owner.Metadata.Namespace!;
        return new ClusterSpiffeId
        {
            Metadata = new ObjectMeta { Name = NameOf(ns, workload.Name), Labels = ChildLabels.Of(owner) },
            Spec = new ClusterSpiffeIdSpec
            {
                SpiffeIDTemplate = "spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}",
                NamespaceSelector = new LabelSelector { MatchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = ns } },
                PodSelector = new LabelSelector { MatchLabels = ChildLabels.PodSelector(owner) },
                WorkloadSelectorTemplates = [$"k8s:sa:{workload.Name}", $"k8s:container-name:{WorkloadNames.MainContainer}"],
                FederatesWith = options.SpireFederatesWith.Count > 0 ? options.SpireFederatesWith : null,
                Ttl = "1h",
                JwtTtl = "5m",
                ClassName = options.SpireClassName.Length > 0 ? options.SpireClassName : null,
            },
        };
    }
}
