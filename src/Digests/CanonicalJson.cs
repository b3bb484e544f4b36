using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Digests;

/// <summary>
/// One text per JSON value, so that equal values have equal digests, whoever computes them: the gateway, an approver, an auditor.
/// </summary>
/// <remarks>
/// Source: RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by UTF-16 code units, shortest strings and numbers.
/// One deliberate difference: integers keep all their digits, where RFC 8785 rounds to a double; otherwise two different
/// large integers would share a digest, and an approval of one would pass for the other.
/// </remarks>
public static class CanonicalJson
{
    private const int MaxDepth = 128;

    // Parsing a number is not linear in its digits.
    private const int LongestNumber = 400;

    /// <summary>The canonical text of a value.</summary>
    /// <exception cref="FormatException">
    /// The value has no canonical form: it nests deeper than 128 levels, repeats a member name, or holds a lone surrogate or a number that
    /// no double can hold or that is longer than 400 characters.
    /// </exception>
    public static string Write(JsonElement value)
    {
        var text = new StringBuilder(256);
        try
        {
            Write(value, text, 0);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("a string holds a lone surrogate; send valid Unicode", e); // what the reader says of an escape like \ud800
        }

        return text.ToString();
    }

    /// <summary>The canonical text of a value; null is <c>null</c>.</summary>
    /// <exception cref="FormatException">As for elements.</exception>
    public static string Write(JsonNode? value)
    {
        if (value is null)
        {
            return "null";
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            value.WriteTo(writer);
        }

        using var document = Parse(buffer.WrittenMemory);
        return Write(document.RootElement);
    }

    /// <summary><c>sha256:</c> and the 64 hex digits of SHA-256 over the canonical text.</summary>
    public static string Digest(JsonElement value) => DigestOf(Write(value));

    /// <summary><c>sha256:</c> and the 64 hex digits of SHA-256 over the canonical text.</summary>
    public static string Digest(JsonNode? value) => DigestOf(Write(value));

    /// <summary><c>sha256:</c> and the 64 hex digits of SHA-256 over the UTF-8 of a text.</summary>
    public static string DigestOf(string text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            throw new FormatException($"the value has no canonical form: {e.Message}", e);
        }
    }

    private static void Write(JsonElement value, StringBuilder text, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"the value nests deeper than {MaxDepth} levels; flatten it");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, text, depth);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    if (!first)
                    {
                        text.Append(',');
                    }

                    first = false;
                    Write(item, text, depth + 1);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(value.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value.GetRawText()));
                break;
            default:
                text.Append(value.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => "null" });
                break;
        }
    }

    private static void WriteObject(JsonElement value, StringBuilder text, int depth)
    {
        var members = value.EnumerateObject().ToList();
        members.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        text.Append('{');
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0)
            {
                if (members[i].Name == members[i - 1].Name)
                {
                    throw new FormatException($"member '{members[i].Name}' appears twice; send it once");
                }

                text.Append(',');
            }

            WriteString(members[i].Name, text);
            text.Append(':');
            Write(members[i].Value, text, depth + 1);
        }

        text.Append('}');
    }

    private static void WriteString(string value, StringBuilder text)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (char.IsSurrogate(c) && !(char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])) && !(char.IsLowSurrogate(c) && i > 0 && char.IsHighSurrogate(value[i - 1])))
            {
                throw new FormatException("a string holds a lone surrogate; send valid Unicode");
            }

            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }

    private static string Number(string raw)
    {
        if (raw.Length > LongestNumber)
        {
            throw new FormatException($"a number has {raw.Length} characters; send at most {LongestNumber}");
        }

        if (raw.AsSpan().IndexOfAny(".eE") < 0)
        {
            return raw == "-0" ? "0" : raw;
        }

        var value = double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? EcmaScriptNumber.Write(value) : throw new FormatException($"number {raw} is out of range of a double; send a smaller one");
    }
}
