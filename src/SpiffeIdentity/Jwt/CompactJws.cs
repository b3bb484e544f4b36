using System.Text;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>A token taken apart, its header held to the allow-list; nothing of it is believed yet.</summary>
internal sealed class CompactJws : IDisposable
{
    public const int MaxLength = 16 << 10;
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private readonly JsonDocument _payload;

    private CompactJws(JwsAlgorithm algorithm, string keyId, JsonDocument payload, (byte[] Input, byte[] Signature) signed)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        _payload = payload;
        (Input, Signature) = signed;
    }

    public JwsAlgorithm Algorithm { get; }

    public string KeyId { get; }

    public JsonElement Payload => _payload.RootElement;

    public byte[] Input { get; }

    public byte[] Signature { get; }

    public static CompactJws Parse(string token)
    {
        if (token.Length > MaxLength)
        {
            throw new JwtSvidException(JwtSvidFault.TooLong, $"the token has {token.Length} characters; keep to {MaxLength}");
        }

        var parts = token.Split('.');
        if (parts.Length != 3
            || !StrictBase64Url.TryDecode(parts[0], out var header)
            || !StrictBase64Url.TryDecode(parts[1], out var payload)
            || !StrictBase64Url.TryDecode(parts[2], out var signature)
            || signature.Length == 0)
        {
            throw new JwtSvidException(JwtSvidFault.NotCompact, "the token is no compact JWS; send header.payload.signature in base64url without padding");
        }

        var (algorithm, keyId) = ReadHeader(header);
        return new(algorithm, keyId, ParseObject(payload, "payload"), (Encoding.ASCII.GetBytes(token[..token.LastIndexOf('.')]), signature));
    }

    public void Dispose() => _payload.Dispose();

    private static (JwsAlgorithm Algorithm, string KeyId) ReadHeader(byte[] json)
    {
        using var document = ParseObject(json, "header");
        var header = document.RootElement;
        var algorithm = JwsAlgorithm.Find(JsonWebKey.Text(header, "alg"))
            ?? throw new JwtSvidException(JwtSvidFault.BadAlgorithm, "the algorithm is not one of RS, ES and PS with 256, 384 or 512; sign with ES256");
        foreach (var member in header.EnumerateObject())
        {
            if (member.Name is not ("alg" or "kid" or "typ"))
            {
                throw new JwtSvidException(JwtSvidFault.ForbiddenHeader, "the header holds more than alg, kid and typ; leave the rest out");
            }
        }

        if (header.TryGetProperty("typ", out _) && JsonWebKey.Text(header, "typ") is not ("JWT" or "JOSE"))
        {
            throw new JwtSvidException(JwtSvidFault.BadType, "the type is neither JWT nor JOSE; this is another kind of token");
        }

        return JsonWebKey.Text(header, "kid") is { Length: > 0 } keyId
            ? (algorithm, keyId)
            : throw new JwtSvidException(JwtSvidFault.NoKeyId, "the header has no kid; name the key that signed");
    }

    private static JsonDocument ParseObject(byte[] json, string part)
    {
        try
        {
            var document = JsonDocument.Parse(json, s_strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException e)
        {
            throw new JwtSvidException(JwtSvidFault.BadJson, $"the token's {part} is malformed JSON or names a member twice; issue it again", e);
        }

        throw new JwtSvidException(JwtSvidFault.BadJson, $"the token's {part} is no JSON object; issue it again");
    }
}
