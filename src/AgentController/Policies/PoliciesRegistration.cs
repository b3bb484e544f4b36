using Castellan.AgentController.Cluster;

namespace Castellan.AgentController.Policies;

internal static class PoliciesRegistration
{
    /// <summary>Adds the reconciler of policies.</summary>
    public static ControllerParts AddPolicies(this ControllerParts parts)
    {
        parts.Loop(new PolicyReconciler(parts.Caches, parts.Status)).For(parts.Caches.Policies);
        parts.Loop(new ClusterPolicyReconciler(parts.Caches, parts.Status)).For(parts.Caches.ClusterPolicies);
        return parts;
    }
}
