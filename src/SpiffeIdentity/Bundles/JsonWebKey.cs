using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity;

/// <summary>Public EC and RSA keys as JSON Web Keys.</summary>
/// <remarks>Source: RFC 7517, RFC 7518 section 6.</remarks>
internal static class JsonWebKey
{
    private static readonly (string Name, string Oid, int Bytes)[] s_curves =
    [
        ("P-256", "1.2.840.10045.3.1.7", 32),
        ("P-384", "1.3.132.0.34", 48),
        ("P-521", "1.3.132.0.35", 66),
    ];

    /// <summary>True for keys that <see cref="Write"/> can write: RSA, and EC on a curve that has a name here.</summary>
    public static bool IsKnown(AsymmetricAlgorithm key) => key is RSA || Array.Exists(s_curves, c => c.Oid == ((ECDsa)key).ExportParameters(false).Curve.Oid?.Value);

    /// <summary>The members <c>kty</c>, <c>crv</c>, <c>x</c>, <c>y</c> or <c>n</c>, <c>e</c>.</summary>
    public static JsonObject Write(AsymmetricAlgorithm key)
    {
        if (key is ECDsa ec)
        {
            var point = ec.ExportParameters(false);
            var curve = s_curves.First(c => c.Oid == point.Curve.Oid.Value);
            return new() { ["kty"] = "EC", ["crv"] = curve.Name, ["x"] = Base64Url.EncodeToString(point.Q.X), ["y"] = Base64Url.EncodeToString(point.Q.Y) };
        }

        var rsa = ((RSA)key).ExportParameters(false);
        return new() { ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) };
    }

    /// <summary>The key, or null for a type or curve that is not ours to verify with.</summary>
    /// <exception cref="CryptographicException">The numbers are no key.</exception>
    public static AsymmetricAlgorithm? Read(JsonElement key) => Text(key, "kty") switch
    {
        "EC" => ReadEc(key),
        "RSA" => ReadRsa(key),
        _ => null,
    };

    public static string? Text(JsonElement key, string member) =>
        key.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Bounded, for what verifies in a hot path; an exponent of 1 would make every signature right.</summary>
    private static RSA ReadRsa(JsonElement key)
    {
        var (modulus, exponent) = (Bytes(key, "n"), Bytes(key, "e"));
        if (modulus.Length is < 128 or > 1024 || modulus[0] == 0 || exponent.Length > 8 || exponent[0] == 0 || exponent[^1] % 2 == 0 || exponent is [1])
        {
            throw new CryptographicException("the RSA modulus has 1024 to 8192 bits and the exponent is odd, above 1 and below 2^64");
        }

        return RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
    }

    private static ECDsa? ReadEc(JsonElement key)
    {
        var curve = s_curves.FirstOrDefault(c => c.Name == Text(key, "crv"));
        if (curve.Oid is null)
        {
            return null;
        }

        var (x, y) = (Bytes(key, "x"), Bytes(key, "y"));
        if (x.Length != curve.Bytes || y.Length != curve.Bytes)
        {
            throw new CryptographicException($"coordinates of {curve.Name} have {curve.Bytes} bytes");
        }

        return ECDsa.Create(new ECParameters { Curve = ECCurve.CreateFromValue(curve.Oid), Q = new() { X = x, Y = y } });
    }

    private static byte[] Bytes(JsonElement key, string member) =>
        StrictBase64Url.TryDecode(Text(key, member) ?? "", out var bytes) && bytes.Length > 0
            ? bytes
            : throw new CryptographicException($"member {member} is missing or no base64url");
}
