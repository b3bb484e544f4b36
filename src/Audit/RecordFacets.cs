using System.Text.Json;

namespace Castellan.Audit;

/// <summary>What a record can be found by, read out of its text. It stands in columns beside the text; verification reads it again and compares.</summary>
internal sealed record RecordFacets
{
    private const string SpiffeScheme = "spiffe://";

    /// <summary>The sequence that the text states; null while the record has none.</summary>
    internal long? Sequence { get; private set; }

    /// <summary>When it was appended, as the text states it.</summary>
    internal DateTimeOffset Time { get; private set; }

    internal string Stage { get; private set; } = "";

    internal string Kind { get; private set; } = "";

    internal string? CallId { get; private set; }

    internal string? RunId { get; private set; }

    /// <summary>Of the agent; of what was called when no agent called.</summary>
    internal string? Namespace { get; private set; }

    internal string? Agent { get; private set; }

    /// <summary>The human that the call is for; the user that made it.</summary>
    internal string? Person { get; private set; }

    internal string? Server { get; private set; }

    internal string? Name { get; private set; }

    internal string? Decision { get; private set; }

    internal string? Status { get; private set; }

    /// <summary>Reads the text of a record.</summary>
    /// <returns>Null when it is none.</returns>
    internal static RecordFacets? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var facets = new RecordFacets();
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            facets.ReadMembers(ref reader);
            return reader.Read() ? null : facets;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private void ReadMembers(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("sequence"u8)) Sequence = NumberOf(ref reader);
            else if (reader.ValueTextEquals("time"u8)) Time = TimeOf(ref reader);
            else if (reader.ValueTextEquals("stage"u8)) Stage = TextOf(ref reader) ?? "";
            else if (reader.ValueTextEquals("kind"u8)) Kind = TextOf(ref reader) ?? "";
            else if (reader.ValueTextEquals("callId"u8)) CallId = TextOf(ref reader);
            else if (reader.ValueTextEquals("who"u8)) ReadWho(ref reader);
            else if (reader.ValueTextEquals("what"u8)) ReadWhat(ref reader);
            else if (reader.ValueTextEquals("why"u8)) ReadOne(ref reader, "decision"u8, (facets, text) => facets.Decision = text);
            else if (reader.ValueTextEquals("where"u8)) ReadOne(ref reader, "runId"u8, (facets, text) => facets.RunId = text);
            else if (reader.ValueTextEquals("outcome"u8)) ReadOne(ref reader, "status"u8, (facets, text) => facets.Status = text);
            else Skip(ref reader);
        }
    }

    private void ReadWho(ref Utf8JsonReader reader)
    {
        string? principal = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("agentNamespace"u8)) Namespace = TextOf(ref reader);
            else if (reader.ValueTextEquals("agent"u8)) Agent = TextOf(ref reader);
            else if (reader.ValueTextEquals("onBehalfOf"u8)) Person = TextOf(ref reader);
            else if (reader.ValueTextEquals("principal"u8)) principal = TextOf(ref reader);
            else Skip(ref reader);
        }

        Person ??= principal?.StartsWith(SpiffeScheme, StringComparison.Ordinal) is false ? principal : null;
    }

    // Canonical JSON has "what" before "who": the agent's namespace, if there is one, takes the place of the target's.
    private void ReadWhat(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("namespace"u8)) Namespace = TextOf(ref reader);
            else if (reader.ValueTextEquals("server"u8)) Server = TextOf(ref reader);
            else if (reader.ValueTextEquals("name"u8)) Name = TextOf(ref reader);
            else Skip(ref reader);
        }
    }

    private void ReadOne(ref Utf8JsonReader reader, ReadOnlySpan<byte> member, Action<RecordFacets, string?> take)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(member))
            {
                take(this, TextOf(ref reader));
            }
            else
            {
                Skip(ref reader);
            }
        }
    }

    private static string? TextOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    private static long? NumberOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetInt64();
    }

    private static DateTimeOffset TimeOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetDateTimeOffset();
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
