using Castellan.AgentApi;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Spire;
using Castellan.KubeApi;

namespace Castellan.AgentController.Workloads;

/// <summary>What a workload needs beside its pods to get its identity.</summary>
internal static class IdentityObjects
{
    public static IEnumerable<KubeObject> Of(Workload workload, AgentControllerOptions options, string? trustBundle) => options.Identity switch
    {
        IdentityMode.Embedded when trustBundle is not null => [IdentityDelivery.Trust(workload, trustBundle)],
        IdentityMode.Spire => [SpireRegistration.Of(workload, options)],
        _ => [],
    };

    /// <summary>Why pods that start now would get no identity; null when they would.</summary>
    public static Verdict? Fault(AgentControllerOptions options, string? trustBundle) =>
        options.Identity == IdentityMode.Embedded && trustBundle is null
            ? Verdict.No(
                "TrustBundleMissing",
                $"the SPIFFE server has not published ConfigMap {WorkloadNames.SystemNamespace}/{TrustConfig.ConfigMap}, by which pods know it; see whether it runs with --pod-api")
            : null;
}
