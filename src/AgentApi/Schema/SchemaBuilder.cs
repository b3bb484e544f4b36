using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Castellan.KubeApi;

namespace Castellan.AgentApi.Schema;

/// <summary>Walks a type and writes the structural schema of its JSON.</summary>
internal sealed class SchemaBuilder(TypeDocs docs)
{
    private readonly Stack<Type> open = new();

    public JsonObject Root(Type kind)
    {
        var schema = Object(kind);
        var properties = (JsonObject)schema["properties"]!;
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "Group and version of this kind." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "Name of this kind." };
        properties["metadata"] = Metadata(kind);
        schema["description"] = docs.Of(kind);
        return schema;
    }

    private static JsonObject Metadata(Type kind)
    {
        var metadata = new JsonObject { ["type"] = "object" };
        if (kind.GetCustomAttribute<ObjectNameAttribute>() is { } name)
        {
            metadata["properties"] = new JsonObject
            {
                ["name"] = new JsonObject { ["type"] = "string", ["maxLength"] = name.MaxLength, ["pattern"] = name.Pattern },
            };
        }

        return metadata;
    }

    private JsonObject Object(Type type)
    {
        if (open.Contains(type))
        {
            throw new InvalidOperationException($"{type} contains itself; a structural schema has no recursion, so make it a JsonObject");
        }

        open.Push(type);
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in Members(type))
        {
            var name = NameOf(property);
            properties[name] = Property(property);
            if (property.IsDefined(typeof(RequiredMemberAttribute)))
            {
                required.Add(name);
            }
        }

        open.Pop();
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        if (type.GetCustomAttribute<OneOfAttribute>() is { } oneOf)
        {
            schema["oneOf"] = new JsonArray([.. oneOf.Members.Select(m =>
                new JsonObject { ["required"] = new JsonArray(NameOf(Member(type, m))) })]);
        }

        return schema;
    }

    // By name, so that moving a member in the source changes nothing here.
    private static IEnumerable<PropertyInfo> Members(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.DeclaringType != typeof(KubeObject) && !p.IsDefined(typeof(JsonIgnoreAttribute)) && !p.IsDefined(typeof(JsonExtensionDataAttribute)))
        .OrderBy(NameOf, StringComparer.Ordinal);

    private JsonObject Property(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = Value(type, property);
        SchemaLimits.Write(property, type, schema);
        if (Description(property, type) is { Length: > 0 } description)
        {
            schema["description"] = description;
        }

        if (property.GetCustomAttribute<DefaultValueAttribute>() is { Value: { } value })
        {
            schema["default"] = JsonSerializer.SerializeToNode(value, KubeJson.Options);
        }
        else if (IsOptional(property) && HasOnlyDefaults(schema))
        {
            schema["default"] = new JsonObject(); // so that the defaults inside apply, and users see them
        }

        if (property.GetCustomAttribute<ListKeyAttribute>() is { } key)
        {
            schema["x-kubernetes-list-type"] = "map";
            schema["x-kubernetes-list-map-keys"] = new JsonArray(NameOf(Member(ItemOf(type)!, key.Member)));
        }

        return schema;
    }

    private JsonObject Value(Type type, MemberInfo where) => type switch
    {
        _ when type == typeof(string) => Simple("string"),
        _ when type == typeof(bool) => Simple("boolean"),
        _ when type == typeof(int) => Simple("integer", "int32"),
        _ when type == typeof(long) => Simple("integer", "int64"),
        _ when type == typeof(double) => Simple("number", "double"),
        _ when type == typeof(DateTime) => Simple("string", "date-time"),
        { IsEnum: true } => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(n => JsonValue.Create(n))]) },
        _ when type == typeof(JsonObject) => new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
        _ when ValueOf(type) is { } value => new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(value, where) },
        _ when ItemOf(type) is { } item => new JsonObject { ["type"] = "array", ["items"] = Value(item, where) },
        { IsClass: true } when type.Namespace?.StartsWith("Castellan.", StringComparison.Ordinal) == true => Object(type),
        _ => throw new InvalidOperationException($"{where.DeclaringType}.{where.Name} is a {type}, which has no place in a CRD; use a string, number, enum, list, dictionary, class of ours or JsonObject"),
    };

    private static JsonObject Simple(string type, string? format = null)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null)
        {
            schema["format"] = format;
        }

        return schema;
    }

    private string? Description(PropertyInfo property, Type type)
    {
        var text = docs.Of(property) ?? docs.Of(type);
        return type.IsEnum
            ? string.Join('\n', Enum.GetNames(type).Select(n => $"- {n}: {docs.Of(type, n)}").Prepend(text))
            : text;
    }

    // A choice is made by the user alone: a default would make it for them.
    private static bool IsOptional(PropertyInfo property) =>
        !property.IsDefined(typeof(RequiredMemberAttribute))
        && property.DeclaringType!.GetCustomAttribute<OneOfAttribute>()?.Members.Contains(property.Name) is not true;

    private static bool HasOnlyDefaults(JsonObject schema) =>
        schema["properties"] is JsonObject properties && schema["required"] is null && schema["oneOf"] is null
        && properties.Any(p => p.Value!["default"] is not null);

    private static Type? ItemOf(Type type) => Argument(type, typeof(IList<>), 0);

    private static Type? ValueOf(Type type) => Argument(type, typeof(IDictionary<,>), 1);

    private static Type? Argument(Type type, Type definition, int index) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == definition ? type.GetGenericArguments()[index] : null;

    private static PropertyInfo Member(Type type, string name) =>
        type.GetProperty(name) ?? throw new InvalidOperationException($"{type} has no member {name}; correct the attribute that names it");

    private static string NameOf(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}
