using System.Text.Json.Nodes;
using Castellan.LocalCluster.Schemas;

namespace Castellan.LocalCluster.Patching;

/// <summary>A strategic merge patch: lists of built-in kinds are merged by the keys that their schema names.</summary>
internal sealed class StrategicMergePatch(JsonObject patch, SchemaNode schema) : ObjectPatch
{
    public override JsonObject Apply(JsonObject current)
    {
        StrategicMerge.Merge(current, patch, schema);
        return current;
    }
}
