using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Castellan.Digests;

namespace Castellan.Audit;

/// <summary>The text of a record: canonical JSON with its envelope.</summary>
internal static class RecordBody
{
    private const int SchemaVersion = 1;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly JsonSerializerOptions Options = Create();

    internal static string Write(AuditRecord record, long sequence, DateTimeOffset time)
    {
        var enveloped = new Enveloped
        {
            SchemaVersion = SchemaVersion,
            Id = Guid.CreateVersion7(time).ToString(),
            Sequence = sequence,
            Time = time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            Stage = record.Stage,
            Kind = record.Kind,
            CallId = record.CallId,
            Who = record.Who,
            What = record.What,
            Why = record.Why,
            Model = record.Model,
            Where = record.Where,
            Outcome = record.Outcome,
        };
        return CanonicalJson.Write(JsonSerializer.SerializeToElement(enveloped, Options));
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

    /// <summary>The record with what every record has.</summary>
    private sealed record Enveloped
    {
        public required int SchemaVersion { get; init; }

        public required string Id { get; init; }

        public required long Sequence { get; init; }

        public required string Time { get; init; }

        public required AuditStage Stage { get; init; }

        public required AuditKind Kind { get; init; }

        public string? CallId { get; init; }

        public AuditWho? Who { get; init; }

        public AuditWhat? What { get; init; }

        public AuditWhy? Why { get; init; }

        public AuditModel? Model { get; init; }

        public AuditWhere? Where { get; init; }

        public AuditOutcome? Outcome { get; init; }
    }
}
