using System.Text.Json;
using System.Text.Unicode;

namespace Castellan.SpiffeIdentity;

/// <summary>JSON as security documents need it: UTF-8, no member named twice, every string readable, bounded depth.</summary>
internal static class StrictJson
{
    private const int MaxDepth = 16;

    /// <summary>Parses a document.</summary>
    /// <exception cref="DuplicateMemberException">A member is named twice, so that two readers may see two different documents.</exception>
    /// <exception cref="JsonException">The text is no such JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new JsonException("the text is not UTF-8");
        }

        CheckEscapes(json.Span);
        try
        {
            return JsonDocument.Parse(json, new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth });
        }
        catch (JsonException e) when (IsWellFormed(json))
        {
            throw new DuplicateMemberException(e);
        }
    }

    /// <summary>An escaped half of a surrogate pair is well-formed JSON that no string can hold; the platform notices only when it is read.</summary>
    private static void CheckEscapes(ReadOnlySpan<byte> json)
    {
        if (!json.Contains((byte)'\\'))
        {
            return;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("an escape is half of a surrogate pair", e);
        }
    }

    private static bool IsWellFormed(ReadOnlyMemory<byte> json)
    {
        try
        {
            JsonDocument.Parse(json, new() { MaxDepth = MaxDepth }).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>A JSON object names a member twice.</summary>
internal sealed class DuplicateMemberException(Exception inner) : JsonException(inner.Message, inner);
