using Castellan.AgentApi;
using Castellan.AgentController.Agents;
using Castellan.AgentController.Spire;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.Cluster;

/// <summary>What to say when the API server did not take a child.</summary>
internal static class RefusalVerdict
{
    public static Verdict? Of(IReadOnlyList<ChildRefusal> refusals)
    {
        if (refusals.Count == 0)
        {
            return null;
        }
        if (refusals.Any(r => r is { Child: ClusterSpiffeId, Why.IsNotFound: true }))
        {
            return Verdict.No("SpireNotInstalled", "the cluster has no kind ClusterSPIFFEID (spire.spiffe.io/v1alpha1), so that SPIRE gives the pods no identity; " +
                $"install the SPIRE controller manager, or set {AgentControllerOptions.Section}:{nameof(AgentControllerOptions.Identity)} to {nameof(IdentityMode.Embedded)}");
        }
        // The server lets nobody grant more than they hold: that is what guards the controller against being used to climb.
        var (child, why) = refusals.FirstOrDefault(r => r is { Child: RoleBinding or Role or ClusterRole or ClusterRoleBinding, Why.IsForbidden: true }) ?? refusals[0];
        if (why.IsNotFound)
        {
            return Verdict.No("DaprNotInstalled",
                $"the API server knows no {child.Kind} of {child.ApiVersion}; install Dapr 1.18 or later, for an older one set Workflows:Dapr:AccessPolicies to false, or set Workflows:Backend to Embedded");
        }
        var what = $"{child.Kind} {child.Key}";
        return (child, why.IsForbidden) switch
        {
            (RoleBinding binding, true) => Verdict.No(AgentAccess.RefusedReason,
                $"the controller may not grant {binding.RoleRef.Kind} '{binding.RoleRef.Name}' in namespace {binding.Metadata.Namespace}; give it the verb 'bind' on that role: {why.Message}"),
            (_, true) => Verdict.No(AgentAccess.RefusedReason, $"the controller may not write {what}; extend its role: {why.Message}"),
            _ => Verdict.No("ApplyFailed", $"the API server refused {what}; see the message: {why.Message}"),
        };
    }
}
