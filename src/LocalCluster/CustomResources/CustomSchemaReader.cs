using System.Text.Json.Nodes;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>Reads the openAPIV3Schema of a definition.</summary>
internal static class CustomSchemaReader
{
    public static SchemaNode Read(JsonObject? schema) => SchemaNode.Anything;
}
