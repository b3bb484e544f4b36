using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.Discovery;

/// <summary>The subresources of a resource, status and scale included.</summary>
internal static class DiscoverySubresources
{
    public static IEnumerable<SubresourceDefinition> Of(ResourceDefinition resource)
    {
        foreach (var sub in resource.Subresources) yield return sub;
        if (resource.Scale is not null) yield return new SubresourceDefinition("scale", "autoscaling", "v1", "Scale", ["get", "patch", "update"]);
        if (resource.HasStatus) yield return new SubresourceDefinition("status", resource.Group, resource.Version, resource.Kind, ["get", "patch", "update"]);
    }
}
