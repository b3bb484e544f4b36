using System.Text;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>A token taken apart, its header held to the allow-list; nothing of it is believed yet.</summary>
/// <remarks>The payload is not looked at before length, number of parts, alphabet, algorithm and header have passed.</remarks>
internal sealed class CompactJws : IDisposable
{
    public const int MaxLength = 16 << 10;
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

    /// <summary>The bytes that were signed.</summary>
    public byte[] Input { get; }

    public byte[] Signature { get; }

    /// <param name="token">Compact serialization.</param>
    /// <param name="type">The one type that is taken; null takes those of JWT-SVIDs.</param>
    public static CompactJws Parse(string token, string? type = null)
    {
        if (token.Length > MaxLength)
        {
            throw new JwtSvidException(JwtSvidFault.TooLong, $"the token has {token.Length} characters; keep to {MaxLength}");
        }

        var text = token.AsSpan();
        switch (text.Count('.'))
        {
            case 2:
                break;
            case 4:
                throw new JwtSvidException(JwtSvidFault.Encrypted, "the token is encrypted (JWE); send a signed one: header.payload.signature");
            case var dots:
                throw new JwtSvidException(JwtSvidFault.NotCompact, $"the token has {dots + 1} parts and is no compact JWS; send header.payload.signature");
        }

        var (first, last) = (text.IndexOf('.'), text.LastIndexOf('.'));
        var signature = Decode(text[(last + 1)..], "signature");
        if (signature.Length == 0)
        {
            throw new JwtSvidException(JwtSvidFault.NotSigned, "the token has no signature; send header.payload.signature");
        }

        var (algorithm, keyId) = ReadHeader(Decode(text[..first], "header"), type);
        var payload = ParseObject(Decode(text[(first + 1)..last], "payload"), "payload");
        return new(algorithm, keyId, payload, (Encoding.ASCII.GetBytes(token, 0, last), signature));
    }

    public void Dispose() => _payload.Dispose();

    internal static byte[] Decode(ReadOnlySpan<char> part, string name) => StrictBase64Url.TryDecode(part, out var bytes)
        ? bytes
        : throw new JwtSvidException(JwtSvidFault.BadEncoding, $"the token's {name} is no base64url; send it without padding, white space or line end");

    private static (JwsAlgorithm Algorithm, string KeyId) ReadHeader(byte[] json, string? type)
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

        CheckType(header, type);

        return JsonWebKey.Text(header, "kid") is { Length: > 0 } keyId
            ? (algorithm, keyId)
            : throw new JwtSvidException(JwtSvidFault.NoKeyId, "the header has no kid; name the key that signed");
    }

    private static void CheckType(JsonElement header, string? wanted)
    {
        var typ = JsonWebKey.Text(header, "typ");
        if (wanted is not null && typ != wanted)
        {
            throw new JwtSvidException(JwtSvidFault.BadType, $"the type is not {wanted}; this is another kind of token");
        }

        if (wanted is null && header.TryGetProperty("typ", out _) && typ is not ("JWT" or "JOSE"))
        {
            throw new JwtSvidException(JwtSvidFault.BadType, "the type is neither JWT nor JOSE; this is another kind of token");
        }
    }

    internal static JsonDocument ParseObject(byte[] json, string part)
    {
        try
        {
            var document = StrictJson.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (DuplicateMemberException e)
        {
            throw new JwtSvidException(JwtSvidFault.DuplicateMember, $"the token's {part} names a member twice; issue it again", e);
        }
        catch (JsonException e)
        {
            throw new JwtSvidException(JwtSvidFault.BadJson, $"the token's {part} is malformed JSON; issue it again", e);
        }

        throw new JwtSvidException(JwtSvidFault.BadJson, $"the token's {part} is no JSON object; issue it again");
    }
}
