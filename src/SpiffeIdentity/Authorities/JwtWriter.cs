using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>Writes JWT-SVIDs: compact, signed with the key's own algorithm, no header beyond alg, kid and typ.</summary>
internal static class JwtWriter
{
    public static string Write(JwtSigningKey key, SpiffeId id, IReadOnlyList<string> audience, CaLifetime validity)
    {
        var header = Encode(writer =>
        {
            writer.WriteString("alg", key.Algorithm.Name);
            writer.WriteString("kid", key.KeyId);
            writer.WriteString("typ", "JWT");
        });
        var payload = Encode(writer =>
        {
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
        var input = $"{header}.{payload}";
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
