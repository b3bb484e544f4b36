using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Json;

/// <summary>Parses JSON in which a member may come twice: the last one counts, as in Go's decoder, and each is named.</summary>
internal static class LenientJson
{
    private const int MaxDepth = 200;
    private static readonly JsonDocumentOptions Unique = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, List<string> duplicates)
    {
        try
        {
            return JsonNode.Parse(utf8, null, Unique);
        }
        catch (JsonException)
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            var node = Read(ref reader, "", duplicates);
            if (reader.Read()) throw new JsonException("there is text behind the JSON value");
            return node;
        }
    }

    private static JsonNode? Read(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var obj = new JsonObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    var member = path.Length == 0 ? name : $"{path}.{name}";
                    if (obj.ContainsKey(name)) duplicates.Add(member);
                    reader.Read();
                    obj[name] = Read(ref reader, member, duplicates);
                }
                return obj;
            case JsonTokenType.StartArray:
                var array = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) array.Add(Read(ref reader, $"{path}[{array.Count}]", duplicates));
                return array;
            case JsonTokenType.Null:
                return null;
            default:
                return JsonValue.Create(JsonElement.ParseValue(ref reader));
        }
    }
}
