using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity;

/// <summary>The JWK Set form of a bundle, and the map of several.</summary>
internal static class TrustBundleJson
{
    private const int MaxBytes = 4 << 20;
    private const string X509Use = "x509-svid";
    private const string JwtUse = "jwt-svid";
    private const string EcKey = "1.2.840.10045.2.1";
    private const string RsaKey = "1.2.840.113549.1.1.1";

    public static byte[] Write(TrustBundle bundle, bool withX509) => JsonSerializer.SerializeToUtf8Bytes(Document(bundle, withX509));

    public static byte[] WriteMap(IEnumerable<TrustBundle> bundles)
    {
        var domains = new JsonObject();
        foreach (var bundle in bundles)
        {
            domains.Add(bundle.TrustDomain.Name, Document(bundle, withX509: true));
        }

        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["trust_domains"] = domains });
    }

    public static TrustBundle Parse(TrustDomain trustDomain, ReadOnlyMemory<byte> json)
    {
        using var document = Open(json);
        return Read(trustDomain, document.RootElement);
    }

    public static IReadOnlyDictionary<TrustDomain, TrustBundle> ParseMap(ReadOnlyMemory<byte> json)
    {
        using var document = Open(json);
        if (!document.RootElement.TryGetProperty("trust_domains", out var domains) || domains.ValueKind != JsonValueKind.Object)
        {
            throw new TrustBundleException(TrustBundleFault.NoTrustDomains, "the bundle map has no object 'trust_domains'; put each bundle there under its trust domain's name");
        }

        var bundles = new Dictionary<TrustDomain, TrustBundle>();
        foreach (var member in domains.EnumerateObject())
        {
            if (!TrustDomain.TryParse(member.Name, out var name))
            {
                throw new TrustBundleException(TrustBundleFault.BadTrustDomain, $"'{member.Name}' in the bundle map is no trust domain; write its name without spiffe://");
            }

            bundles.Add(name, Read(name, member.Value));
        }

        return bundles;
    }

    private static JsonObject Document(TrustBundle bundle, bool withX509)
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

        return document;
    }

    private static JsonDocument Open(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            throw new TrustBundleException(TrustBundleFault.TooLong, $"the bundle has {json.Length} bytes; keep to {MaxBytes}");
        }

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
            throw new TrustBundleException(TrustBundleFault.DuplicateMember, "the bundle names a member twice; its authority must publish it once", e);
        }
        catch (JsonException e)
        {
            throw new TrustBundleException(TrustBundleFault.NotJson, $"the bundle is malformed JSON: {e.Message}; check that the address serves a SPIFFE bundle", e);
        }

        throw new TrustBundleException(TrustBundleFault.NotJson, "the bundle is no JSON object; check that the address serves a SPIFFE bundle");
    }

    private static TrustBundle Read(TrustDomain trustDomain, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
        {
            throw new TrustBundleException(TrustBundleFault.NoKeys, $"the bundle of {trustDomain} has no array 'keys'; check that the address serves a SPIFFE bundle");
        }

        var x509 = new List<X509Certificate2>();
        var jwt = new List<JwtAuthority>();
        foreach (var entry in keys.EnumerateArray().Where(IsOfKnownKind))
        {
            ReadEntry(entry, trustDomain, x509, jwt);
        }

        return new(trustDomain, x509, jwt)
        {
            Sequence = Number(root, "spiffe_sequence", TrustBundleFault.BadSequence, trustDomain),
            RefreshHint = Number(root, "spiffe_refresh_hint", TrustBundleFault.BadRefreshHint, trustDomain) is { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : null,
        };
    }

    /// <summary>An entry without a key type, or of one that is unknown, is passed over: other kinds of SVID may come.</summary>
    private static bool IsOfKnownKind(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object && JsonWebKey.Text(entry, "kty") is "EC" or "RSA";

    private static void ReadEntry(JsonElement entry, TrustDomain trustDomain, List<X509Certificate2> x509, List<JwtAuthority> jwt)
    {
        switch (JsonWebKey.Text(entry, "use"))
        {
            // Of several certificates the standard takes the first; an entry without any is passed over.
            case X509Use when entry.TryGetProperty("x5c", out var chain) && chain.ValueKind == JsonValueKind.Array && chain.GetArrayLength() > 0:
                if (Certificate(chain[0], trustDomain) is { } certificate)
                {
                    x509.Add(certificate);
                }

                break;

            case JwtUse when JsonWebKey.Text(entry, "kid") is not { Length: > 0 }:
                throw new TrustBundleException(TrustBundleFault.NoKeyId, $"a jwt-svid key of {trustDomain} has no 'kid'; its authority must set one");

            case JwtUse when Key(entry, trustDomain) is { } key:
                jwt.Add(new(JsonWebKey.Text(entry, "kid")!, key));
                break;
        }
    }

    /// <summary>The certificate, or null when its key is of a kind that nobody here verifies with.</summary>
    private static X509Certificate2? Certificate(JsonElement base64, TrustDomain trustDomain)
    {
        try
        {
            var der = Convert.FromBase64String(base64.ValueKind == JsonValueKind.String ? base64.GetString()! : "");
            var certificate = DerCertificates.Parse(der) is [var only] ? only : throw new FormatException("it is not exactly one certificate");
            using AsymmetricAlgorithm? key = certificate.GetKeyAlgorithm() switch
            {
                EcKey => certificate.GetECDsaPublicKey(),
                RsaKey => certificate.GetRSAPublicKey(),
                _ => null,
            };
            return key is not null && JsonWebKey.IsKnown(key) ? certificate : null;
        }
        catch (Exception e) when (e is FormatException or X509SvidException or CryptographicException or NotSupportedException)
        {
            throw new TrustBundleException(TrustBundleFault.BadCertificate, $"an x509-svid entry of {trustDomain} holds no certificate; its authority must publish base64 of the DER bytes", e);
        }
    }

    private static AsymmetricAlgorithm? Key(JsonElement entry, TrustDomain trustDomain)
    {
        try
        {
            return JsonWebKey.Read(entry);
        }
        catch (CryptographicException e)
        {
            throw new TrustBundleException(TrustBundleFault.BadKey, $"a jwt-svid key of {trustDomain} is no public key: {e.Message}; its authority must publish it again", e);
        }
    }

    private static long? Number(JsonElement root, string member, TrustBundleFault fault, TrustDomain trustDomain)
    {
        if (!root.TryGetProperty(member, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0
            ? number
            : throw new TrustBundleException(fault, $"'{member}' in the bundle of {trustDomain} is {value.GetRawText()}; it must be a whole number, 0 or more");
    }
}
