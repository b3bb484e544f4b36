using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Policy;

/// <summary>The members of a statement's header and payload, read strictly: each once, none unknown, none missing.</summary>
internal static class StatementFormat
{
    public const string Algorithm = "ES256";
    public const string Type = "castellan-approval+jwt";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    public static string WriteHeader(byte[] certificate) => new JsonObject
    {
        ["alg"] = Algorithm,
        ["typ"] = Type,
        ["x5c"] = new JsonArray(Convert.ToBase64String(certificate)),
    }.ToJsonString();

    public static string WritePayload(ApprovalStatement statement) => new JsonObject
    {
        ["callId"] = statement.CallId,
        ["argumentsDigest"] = statement.ArgumentsDigest,
        ["decision"] = statement.Decision.ToString(),
        ["approver"] = statement.Approver,
        ["iat"] = statement.IssuedAt.ToUnixTimeSeconds(),
        ["exp"] = statement.ExpiresAt.ToUnixTimeSeconds(),
    }.ToJsonString();

    /// <summary>Reads the header.</summary>
    /// <returns>The certificates (DER), the signer's first.</returns>
    public static IReadOnlyList<byte[]> ReadHeader(byte[] json)
    {
        using var document = Parse(json, "header");
        var header = Members(document.RootElement, "header", "alg", "typ", "x5c");
        if (Text(header, "alg") is var algorithm && algorithm != Algorithm) throw new ApprovalStatementException($"the algorithm is '{algorithm}'; sign with {Algorithm}");
        if (Text(header, "typ") is var type && type != Type) throw new ApprovalStatementException($"the type is '{type}', not {Type}; this is no approval statement");
        var chain = header["x5c"];
        if (chain.ValueKind != JsonValueKind.Array || chain.GetArrayLength() is < 1 or > 4 || chain.EnumerateArray().Any(c => c.ValueKind != JsonValueKind.String))
        {
            throw new ApprovalStatementException("x5c is no list of 1 to 4 certificates; send the client certificate and its intermediates");
        }
        return [.. chain.EnumerateArray().Select(c => Certificate(c.GetString()!))];
    }

    /// <summary>Reads the payload.</summary>
    public static ApprovalStatement ReadPayload(byte[] json)
    {
        using var document = Parse(json, "payload");
        var payload = Members(document.RootElement, "payload", "callId", "argumentsDigest", "decision", "approver", "iat", "exp");
        var decision = Text(payload, "decision") switch
        {
            nameof(ApprovalVerdict.Approve) => ApprovalVerdict.Approve,
            nameof(ApprovalVerdict.Refuse) => ApprovalVerdict.Refuse,
            var other => throw new ApprovalStatementException($"the decision is '{other}'; send Approve or Refuse"),
        };
        return new ApprovalStatement(Text(payload, "callId"), Text(payload, "argumentsDigest"), decision, Text(payload, "approver"), Time(payload, "iat"), Time(payload, "exp"));
    }

    /// <summary>Decodes base64url without padding; another text for the same octets is refused.</summary>
    public static byte[] Decode(string text, string part)
    {
        if (text.Length == 0 || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) || !Base64Url.IsValid(text))
        {
            throw new ApprovalStatementException($"the {part} is no base64url without padding; send a compact JWS");
        }
        var octets = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(octets) == text ? octets : throw new ApprovalStatementException($"the {part} is not written in the one canonical way; send a compact JWS");
    }

    private static JsonDocument Parse(byte[] json, string part)
    {
        try
        {
            return JsonDocument.Parse(json, Strict);
        }
        catch (JsonException e)
        {
            throw new ApprovalStatementException($"the {part} is no JSON with each member once: {e.Message}; send a compact JWS", e);
        }
    }

    private static Dictionary<string, JsonElement> Members(JsonElement json, string part, params string[] names)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new ApprovalStatementException($"the {part} is no JSON object; send a compact JWS");
        var members = json.EnumerateObject().ToDictionary(m => m.Name, m => m.Value);
        if (members.Keys.Except(names).FirstOrDefault() is { } unknown) throw new ApprovalStatementException($"the {part} has the unknown member '{unknown}'; send only {string.Join(", ", names)}");
        if (names.FirstOrDefault(n => !members.ContainsKey(n)) is { } missing) throw new ApprovalStatementException($"the {part} lacks '{missing}'; send {string.Join(", ", names)}");
        return members;
    }

    private static string Text(Dictionary<string, JsonElement> members, string name) =>
        members[name] is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text
            ? text
            : throw new ApprovalStatementException($"'{name}' is no text; send a JSON string");

    private static DateTimeOffset Time(Dictionary<string, JsonElement> members, string name) =>
        members[name] is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var seconds) && seconds is > 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new ApprovalStatementException($"'{name}' is no time; send whole seconds since 1970");

    private static byte[] Certificate(string text)
    {
        var octets = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, octets, out var length) || Convert.ToBase64String(octets.AsSpan(0, length)) != text)
        {
            throw new ApprovalStatementException(string.Create(CultureInfo.InvariantCulture, $"x5c holds {text.Length} characters that are no base64; send the certificate as base64 of its DER form"));
        }
        return octets[..length];
    }
}
