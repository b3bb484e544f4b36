using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Cluster;
using Castellan.AgentController.Workloads;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentController.Identity;

internal static class IdentityRegistration
{
    /// <summary>Adds the loop that looks whether agents' pods have their identity.</summary>
    /// <param name="parts">What reconcilers are made from.</param>
    /// <param name="identity">The controller's own identity; null says of every agent that it was not looked at.</param>
    public static ControllerParts AddIdentity(this ControllerParts parts, IX509Source? identity)
    {
        var cards = identity is null ? null : new CardReader(identity, parts.Kube.Time);
        parts.Loop(new AgentIdentityReconciler(parts.Kube, parts.Caches, parts.Options, cards)).For(parts.Caches.Agents).Watches(parts.Caches.Pods, ChildLabels.OwnerOf<Agent>);
        return parts;
    }
}
