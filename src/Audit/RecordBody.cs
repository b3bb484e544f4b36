using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Castellan.Digests;

namespace Castellan.Audit;

/// <summary>The text of a record: canonical JSON with its envelope.</summary>
internal static class RecordBody
{
    private const int SchemaVersion = 1;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly JsonSerializerOptions Options = Create();

    /// <summary>The text of a record that has no number yet.</summary>
    internal static string Write(AuditRecord record, DateTimeOffset time)
    {
        var enveloped = new Enveloped
        {
            SchemaVersion = SchemaVersion,
            Id = Guid.CreateVersion7(time).ToString(),
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
            Retention = record.Retention,
        };
        return CanonicalJson.Write(JsonSerializer.SerializeToElement(enveloped, Options));
    }

    /// <summary>The text with its number: canonical as before.</summary>
    /// <param name="body">A record's text without one.</param>
    /// <param name="sequence">The number.</param>
    /// <returns>UTF-8.</returns>
    /// <exception cref="InvalidDataException">The text is no record, or has a number.</exception>
    internal static byte[] Number(ReadOnlySpan<byte> body, long sequence)
    {
        var at = PlaceOf(body);
        Span<byte> member = stackalloc byte[40];
        Utf8.TryWrite(member, CultureInfo.InvariantCulture, $"\"sequence\":{sequence},", out var length);
        var numbered = new byte[body.Length + length];
        body[..at].CopyTo(numbered);
        member[..length].CopyTo(numbered.AsSpan(at));
        body[at..].CopyTo(numbered.AsSpan(at + length));
        return numbered;
    }

    // Members are sorted: the number stands before the first that sorts behind it, and "stage", which every record has, is one.
    private static int PlaceOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var order = reader.ValueSpan.SequenceCompareTo("sequence"u8);
                if (order > 0)
                {
                    return (int)reader.TokenStartIndex;
                }

                if (order == 0)
                {
                    break;
                }

                reader.Read();
                reader.Skip();
            }
        }
        catch (JsonException error)
        {
            throw NoRecord(error);
        }

        throw NoRecord(null);
    }

    private static InvalidDataException NoRecord(Exception? inner) =>
        new("a row that waits for its number is no record: it was changed; find out by whom, then move it out of audit_pending", inner);

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

        public AuditRetention? Retention { get; init; }
    }
}
