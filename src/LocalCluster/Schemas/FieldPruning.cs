using System.Text.Json.Nodes;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Drops, reports or refuses what the schema does not know, as the request's fieldValidation says.</summary>
internal static class FieldPruning
{
    public static void Apply(ResourceDefinition resource, JsonObject obj, WriteOptions options)
    {
    }
}
