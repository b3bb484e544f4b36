using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Tables;

/// <summary>An object's metadata alone.</summary>
internal static class PartialMetadata
{
    public static JsonObject Of(StoredObject obj) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = JsonObjects.Parse(obj.Json)["metadata"]!.DeepClone(),
    };
}
