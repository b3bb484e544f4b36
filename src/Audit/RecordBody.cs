using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Castellan.Audit;

/// <summary>The text of a record: canonical JSON with its envelope.</summary>
internal static class RecordBody
{
    internal const int SchemaVersion = 1;

    private static readonly JsonSerializerOptions Options = Create();

    internal static string Write(AuditRecord record, long sequence, DateTimeOffset time)
    {
        var node = JsonSerializer.SerializeToNode(record, Options)!.AsObject();
        node["schemaVersion"] = SchemaVersion;
        node["id"] = Guid.CreateVersion7(time).ToString();
        node["sequence"] = sequence;
        node["time"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return CanonicalJson.Write(node);
    }

    /// <summary>The sequence that the text itself states; null if the text is not a record.</summary>
    internal static long? SequenceOf(string body)
    {
        try
        {
            return JsonNode.Parse(body)?["sequence"]?.GetValue<long>();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
