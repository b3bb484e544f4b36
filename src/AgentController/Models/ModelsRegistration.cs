using Castellan.AgentController.Cluster;

namespace Castellan.AgentController.Models;

internal static class ModelsRegistration
{
    /// <summary>Adds the reconciler of models.</summary>
    public static ControllerParts AddModels(this ControllerParts parts)
    {
        parts.Loop(new ModelReconciler(parts.Kube, parts.Caches, parts.Status)).For(parts.Caches.Models);
        return parts;
    }
}
