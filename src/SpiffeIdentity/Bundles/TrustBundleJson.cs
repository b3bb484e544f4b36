using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity;

/// <summary>The JWK Set form of a bundle.</summary>
internal static class TrustBundleJson
{
    private const string X509Use = "x509-svid";
    private const string JwtUse = "jwt-svid";
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    public static byte[] Write(TrustBundle bundle, bool withX509)
    {
        var keys = new JsonArray();
        foreach (var authority in withX509 ? bundle.X509Authorities : [])
        {
            using var key = (AsymmetricAlgorithm?)authority.GetECDsaPublicKey() ?? authority.GetRSAPublicKey();
            var entry = JsonWebKey.Write(key!);
            entry["use"] = X509Use;
            entry["x5c"] = new JsonArray(Convert.ToBase64String(authority.RawData));
            keys.Add(entry);
        }

        foreach (var authority in bundle.JwtAuthorities)
        {
            var entry = JsonWebKey.Write(authority.PublicKey);
            entry["use"] = JwtUse;
            entry["kid"] = authority.KeyId;
            keys.Add(entry);
        }

        var document = new JsonObject { ["keys"] = keys };
        if (withX509 && bundle.Sequence is { } sequence)
        {
            document["spiffe_sequence"] = sequence;
        }

        if (withX509 && bundle.RefreshHint is { } hint)
        {
            document["spiffe_refresh_hint"] = (long)hint.TotalSeconds;
        }

        return JsonSerializer.SerializeToUtf8Bytes(document);
    }

    public static TrustBundle Parse(TrustDomain trustDomain, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
            {
                throw new TrustBundleException($"the bundle of {trustDomain} has no array 'keys'; check that the address serves a SPIFFE bundle");
            }

            var x509 = new List<X509Certificate2>();
            var jwt = new List<JwtAuthority>();
            foreach (var entry in keys.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object))
            {
                Read(entry, trustDomain, x509, jwt);
            }

            return new(trustDomain, x509, jwt)
            {
                Sequence = Number(root, "spiffe_sequence", trustDomain),
                RefreshHint = Number(root, "spiffe_refresh_hint", trustDomain) is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue)) : null,
            };
        }
        catch (Exception e) when (e is JsonException or CryptographicException or FormatException and not TrustBundleException)
        {
            throw new TrustBundleException($"the bundle of {trustDomain} is malformed: {e.Message}; the bundle held before stays in force", e);
        }
    }

    private static void Read(JsonElement entry, TrustDomain trustDomain, List<X509Certificate2> x509, List<JwtAuthority> jwt)
    {
        switch (JsonWebKey.Text(entry, "use"))
        {
            // Of several certificates the standard takes the first; an entry without any is passed over.
            case X509Use when entry.TryGetProperty("x5c", out var chain) && chain.ValueKind == JsonValueKind.Array && chain.GetArrayLength() > 0:
                x509.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(chain[0].ValueKind == JsonValueKind.String ? chain[0].GetString()! : "")));
                break;

            case JwtUse when JsonWebKey.Text(entry, "kid") is not { Length: > 0 }:
                throw new TrustBundleException($"a jwt-svid key of {trustDomain} has no 'kid'; its authority must set one");

            case JwtUse when JsonWebKey.Read(entry) is { } key:
                jwt.Add(new(JsonWebKey.Text(entry, "kid")!, key));
                break;
        }
    }

    private static long? Number(JsonElement root, string member, TrustDomain trustDomain)
    {
        if (!root.TryGetProperty(member, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : throw new TrustBundleException($"'{member}' in the bundle of {trustDomain} is {value.GetRawText()}; it must be a whole number");
    }
}
