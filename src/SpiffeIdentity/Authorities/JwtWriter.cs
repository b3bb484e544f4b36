using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>Writes signed tokens: compact, signed with the key's own algorithm, no header beyond alg, kid and typ.</summary>
internal static class JwtWriter
{
    /// <param name="key">Who signs.</param>
    /// <param name="issuer">Claim <c>iss</c>, which OpenID consumers ask for; null leaves it out, as the JWT-SVID standard does.</param>
    /// <param name="id">The subject.</param>
    /// <param name="audience">Whom it is for.</param>
    /// <param name="validity">From when to when.</param>
    public static string Svid(JwtSigningKey key, string? issuer, SpiffeId id, IReadOnlyList<string> audience, CaLifetime validity) => Write(key, "JWT", writer =>
    {
        if (issuer is not null)
        {
            writer.WriteString("iss", issuer);
        }

        writer.WriteString("sub", id.ToString());
        writer.WriteStartArray("aud");
        foreach (var value in audience)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
        writer.WriteNumber("iat", validity.NotBefore.ToUnixTimeSeconds());
        writer.WriteNumber("exp", validity.NotAfter.ToUnixTimeSeconds());
    });

    /// <param name="key">Who signs.</param>
    /// <param name="type">Header <c>typ</c>, which keeps one kind of token from passing as another.</param>
    /// <param name="claims">Writes the members of the payload.</param>
    public static string Write(JwtSigningKey key, string type, Action<Utf8JsonWriter> claims)
    {
        var header = Encode(writer =>
        {
            writer.WriteString("alg", key.Algorithm.Name);
            writer.WriteString("kid", key.KeyId);
            writer.WriteString("typ", type);
        });
        var input = $"{header}.{Encode(claims)}";
        return $"{input}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Encode(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }
}
