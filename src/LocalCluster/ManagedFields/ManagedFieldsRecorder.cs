using System.Text.Json.Nodes;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.ManagedFields;

/// <summary>Keeps metadata.managedFields: which manager last set which field.</summary>
internal static class ManagedFieldsRecorder
{
    public static void RecordWrite(ResourceDefinition resource, JsonObject next, JsonObject? old, WriteOptions options, string now)
    {
    }
}
