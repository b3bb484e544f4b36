using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Checks an object of a custom kind against its schema.</summary>
internal static class SchemaChecks
{
    public static IEnumerable<FieldFault> Check(ResourceDefinition resource, JsonObject obj, JsonObject? old) => [];
}
