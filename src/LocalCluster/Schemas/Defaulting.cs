using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Schemas;

/// <summary>Fills in the defaults that a schema names.</summary>
internal static class Defaulting
{
    public static void Apply(SchemaNode schema, JsonNode? node)
    {
        if (!schema.HasDefaults) return;
        if (node is JsonObject obj)
        {
            foreach (var (name, property) in schema.Properties)
            {
                if (property.Default is not null && (!obj.TryGetPropertyValue(name, out var value) || (value is null && !property.Nullable)))
                {
                    obj[name] = property.Default.DeepClone();
                }
                Apply(property, obj[name]);
            }
            if (schema.Values is { HasDefaults: true } values)
            {
                foreach (var (_, value) in obj) Apply(values, value);
            }
        }
        else if (node is JsonArray array && schema.Items is { HasDefaults: true } items)
        {
            foreach (var item in array) Apply(items, item);
        }
    }
}
