using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;

namespace Castellan.AgentApi.Schema;

/// <summary>Writes what the annotations of a property allow into its schema.</summary>
internal static class SchemaLimits
{
    public static void Write(PropertyInfo property, Type type, JsonObject schema)
    {
        var noun = type == typeof(string) ? "Length" : schema["additionalProperties"] is null ? "Items" : "Properties";
        if (property.GetCustomAttribute<MinLengthAttribute>() is { } min)
        {
            schema[$"min{noun}"] = min.Length;
        }

        if (property.GetCustomAttribute<MaxLengthAttribute>() is { } max)
        {
            schema[$"max{noun}"] = max.Length;
        }

        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = Number(range.Minimum);
            schema["maximum"] = Number(range.Maximum);
        }

        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern)
        {
            schema["pattern"] = pattern.Pattern;
        }

        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
        {
            schema["enum"] = new JsonArray([.. allowed.Values.Select(v => JsonValue.Create((string)v!))]);
        }
    }

    private static JsonValue Number(object bound) => bound is int whole ? JsonValue.Create(whole) : JsonValue.Create((double)bound);
}
