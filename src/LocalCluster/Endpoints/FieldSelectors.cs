using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Selectors;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>The fields that may be selected by, per kind.</summary>
internal static class FieldSelectors
{
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["/pods"] = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"],
        ["/events"] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        ["/secrets"] = ["type"],
        ["/namespaces"] = ["status.phase"],
        ["/nodes"] = ["spec.unschedulable"],
        ["/services"] = ["spec.clusterIP", "spec.type"],
        ["apps/replicasets"] = ["status.replicas"],
    };

    public static void Check(ResourceDefinition resource, FieldSelector selector)
    {
        foreach (var path in selector.Paths)
        {
            if (path is "metadata.name" or "metadata.namespace") continue;
            if (Known.GetValueOrDefault(resource.StorageKey)?.Contains(path) == true) continue;
            throw ApiErrors.BadRequest($"field label not supported: {path}");
        }
    }
}
