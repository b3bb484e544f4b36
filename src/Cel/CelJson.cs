using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Cel;

/// <summary>Values from JSON and back.</summary>
/// <remarks>
/// Whole numbers that fit become int, other numbers double. What JSON has no word for is written as protobuf's JSON mapping does:
/// bytes as base64, timestamps and durations as text, integers beyond 2^53 as numbers in full.
/// </remarks>
public static class CelJson
{
    /// <summary>Reads JSON.</summary>
    /// <param name="json">The element; undefined becomes null.</param>
    /// <exception cref="FormatException">An object has a member twice: which of them counts is not defined, so none does.</exception>
    public static CelValue FromJson(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.True:
                return CelValue.True;
            case JsonValueKind.False:
                return CelValue.False;
            case JsonValueKind.String:
                return CelValue.From(json.GetString());
            case JsonValueKind.Number:
                return json.TryGetInt64(out var integer) ? CelValue.From(integer) : CelValue.From(json.GetDouble());
            case JsonValueKind.Array:
                var items = new CelValue[json.GetArrayLength()];
                var at = 0;
                foreach (var item in json.EnumerateArray()) items[at++] = FromJson(item);
                return CelValue.From(new CelList(items));
            case JsonValueKind.Object:
                return FromObject(json);
            default:
                return CelValue.Null;
        }
    }

    /// <summary>Reads JSON; an absent node is null.</summary>
    /// <exception cref="FormatException">An object has a member twice.</exception>
    public static CelValue FromJson(JsonNode? json)
    {
        if (json is null) return CelValue.Null;
        using var document = JsonDocument.Parse(json.ToJsonString());
        return FromJson(document.RootElement);
    }

    /// <summary>Writes JSON.</summary>
    /// <exception cref="InvalidOperationException">The value, or one inside it, is an error, unknown, a type or an object, for which JSON has no form.</exception>
    public static JsonNode? ToJson(CelValue value) => value.Kind switch
    {
        CelKind.Null => null,
        CelKind.Bool => JsonValue.Create(value.AsBool),
        CelKind.Int => JsonValue.Create(value.AsInt),
        CelKind.Uint => JsonValue.Create(value.AsUint),
        CelKind.Double when double.IsFinite(value.AsDouble) => JsonValue.Create(value.AsDouble),
        CelKind.Double or CelKind.String or CelKind.Timestamp or CelKind.Duration or CelKind.Opaque => JsonValue.Create(Library.Formatting.Display(value)),
        CelKind.Bytes => JsonValue.Create(Convert.ToBase64String(value.AsBytes.Span)),
        CelKind.List => new JsonArray([.. value.AsList.Select(ToJson)]),
        CelKind.Map => new JsonObject(value.AsMap.Select(e => new KeyValuePair<string, JsonNode?>(Library.Formatting.Display(e.Key), ToJson(e.Value)))),
        CelKind.Optional => value.OptionalValue is { } inner ? ToJson(inner) : null,
        CelKind.Object => new JsonObject(value.AsObject.Type.Fields.Select((f, i) => new KeyValuePair<string, JsonNode?>(f.Name, ToJson(value.AsObject.GetField(i))))),
        _ => throw new InvalidOperationException($"{value.TypeName} has no form in JSON; look at Kind first"),
    };

    private static CelValue FromObject(JsonElement json)
    {
        var (keys, values) = (new List<CelValue>(), new List<CelValue>());
        foreach (var member in json.EnumerateObject())
        {
            keys.Add(CelValue.From(member.Name));
            values.Add(FromJson(member.Value));
        }
        if (CelMap.TryCreate(keys.ToArray(), values.ToArray(), out var map) is { } problem)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the JSON object is ambiguous: {problem}; send each member once"));
        }
        return CelValue.From(map!);
    }
}
