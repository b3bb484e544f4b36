using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity;

/// <summary>Signs with an X.509-SVID, and verifies what one has signed: JWS whose header carries the chain (<c>x5c</c>).</summary>
/// <remarks>
/// Source: RFC 7515. As strict as our reader of tokens: header alg, kid, typ and x5c and no other, the type that is expected, an
/// algorithm that belongs to the certificate's key, base64url without padding, one chain that leads to the trust bundle.
/// </remarks>
public static class SvidJws
{
    private const int MaxLength = 256 << 10;
    private const int MaxCertificates = 5;

    /// <summary>Signs a payload.</summary>
    /// <param name="svid">Who signs.</param>
    /// <param name="type">What is signed, header <c>typ</c>.</param>
    /// <param name="payload">The payload.</param>
    /// <returns>Header and signature; the payload travels apart.</returns>
    public static SvidSignature SignDetached(X509Svid svid, string type, ReadOnlySpan<byte> payload)
    {
        using var key = (AsymmetricAlgorithm?)svid.Leaf.GetECDsaPrivateKey() ?? svid.Leaf.GetRSAPrivateKey();
        var algorithm = JwsAlgorithm.Of(key!)[0];
        var header = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["alg"] = algorithm.Name,
            ["kid"] = SpiffeTls.ThumbprintOf(svid.Leaf),
            ["typ"] = type,
            ["x5c"] = new JsonArray([.. svid.Chain.Select(c => JsonValue.Create(Convert.ToBase64String(c.RawData)))]),
        }));
        var input = Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(payload)}");
        return new(header, Base64Url.EncodeToString(algorithm.Sign(key!, input)));
    }

    /// <summary>Signs a payload.</summary>
    /// <param name="svid">Who signs.</param>
    /// <param name="type">What is signed, header <c>typ</c>.</param>
    /// <param name="payload">The payload.</param>
    /// <returns>Compact serialization.</returns>
    public static string Sign(X509Svid svid, string type, ReadOnlySpan<byte> payload)
    {
        var signed = SignDetached(svid, type, payload);
        return $"{signed.Protected}.{Base64Url.EncodeToString(payload)}.{signed.Signature}";
    }

    /// <summary>Verifies a compact serialization.</summary>
    /// <inheritdoc cref="VerifyDetached" />
    /// <param name="jws">Header, payload and signature.</param>
    /// <param name="type">The only type that is taken.</param>
    /// <param name="bundles">The bundles that are believed.</param>
    /// <param name="now">The moment at which the chain must be valid.</param>
    public static SvidStatement Verify(string jws, string type, X509BundleSet bundles, DateTimeOffset now)
    {
        if (jws.Length > MaxLength)
        {
            throw new JwtSvidException(JwtSvidFault.TooLong, $"the statement has {jws.Length} characters; keep to {MaxLength}");
        }

        return jws.Split('.') is [var header, var payload, var signature]
            ? VerifyDetached(new(header, signature), type, CompactJws.Decode(payload, "payload"), bundles, now)
            : throw new JwtSvidException(JwtSvidFault.NotCompact, "the statement is no compact JWS; send header.payload.signature");
    }

    /// <summary>Verifies a signature over a payload that came apart.</summary>
    /// <param name="signed">Header and signature.</param>
    /// <param name="type">The only type that is taken.</param>
    /// <param name="payload">What is said to be signed.</param>
    /// <param name="bundles">The bundles that are believed.</param>
    /// <param name="now">The moment at which the chain must be valid.</param>
    /// <returns>Who signed; whether that is the right one is the caller's to decide.</returns>
    /// <exception cref="JwtSvidException">It is no such JWS, or the signature is wrong.</exception>
    /// <exception cref="X509SvidException">The chain proves nothing.</exception>
    public static SvidStatement VerifyDetached(SvidSignature signed, string type, ReadOnlyMemory<byte> payload, X509BundleSet bundles, DateTimeOffset now)
    {
        if (signed.Protected.Length + payload.Length > MaxLength)
        {
            throw new JwtSvidException(JwtSvidFault.TooLong, $"the statement is longer than {MaxLength} bytes; shorten it");
        }

        var signature = CompactJws.Decode(signed.Signature, "signature");
        var (algorithm, chain) = ReadHeader(CompactJws.Decode(signed.Protected, "header"), type);
        try
        {
            var id = X509SvidVerifier.Verify(chain, bundles, now);
            X509SvidVerifier.CheckKeyUsage(chain); // a handshake leaves this to the platform
            var input = Encoding.ASCII.GetBytes($"{signed.Protected}.{Base64Url.EncodeToString(payload.Span)}");
            VerifySignature(chain[0], algorithm, input, signature);
            return new(id, payload, new(chain[0].NotAfter.ToUniversalTime()));
        }
        finally
        {
            foreach (var certificate in chain)
            {
                certificate.Dispose();
            }
        }
    }

    private static (JwsAlgorithm Algorithm, List<X509Certificate2> Chain) ReadHeader(byte[] json, string type)
    {
        using var document = CompactJws.ParseObject(json, "header");
        var header = document.RootElement;
        var algorithm = JwsAlgorithm.Find(JsonWebKey.Text(header, "alg"))
            ?? throw new JwtSvidException(JwtSvidFault.BadAlgorithm, "the algorithm is not one of RS, ES and PS with 256, 384 or 512; sign with ES256");
        foreach (var member in header.EnumerateObject())
        {
            if (member.Name is not ("alg" or "kid" or "typ" or "x5c"))
            {
                throw new JwtSvidException(JwtSvidFault.ForbiddenHeader, "the header holds more than alg, kid, typ and x5c; leave the rest out");
            }
        }

        if (JsonWebKey.Text(header, "typ") != type)
        {
            throw new JwtSvidException(JwtSvidFault.BadType, $"the type is not {type}; this is another kind of statement");
        }

        var chain = ReadChain(header);
        return JsonWebKey.Text(header, "kid") == SpiffeTls.ThumbprintOf(chain[0])
            ? (algorithm, chain)
            : throw new JwtSvidException(JwtSvidFault.NoKeyId, "the kid is not the SHA-256 thumbprint of the first certificate; name the key that signed");
    }

    private static List<X509Certificate2> ReadChain(JsonElement header)
    {
        if (!header.TryGetProperty("x5c", out var entries) || entries.ValueKind != JsonValueKind.Array || entries.GetArrayLength() is 0 or > MaxCertificates)
        {
            throw new X509SvidException(X509SvidFault.ChainEmpty, $"the header has no x5c with 1 to {MaxCertificates} certificates; sign with an X.509-SVID");
        }

        try
        {
            return [.. entries.EnumerateArray().Select(e => DerCertificates.Parse(Convert.FromBase64String(e.ValueKind == JsonValueKind.String ? e.GetString()! : "")) is [var only] ? only : throw new FormatException("not exactly one"))];
        }
        catch (FormatException e)
        {
            throw new X509SvidException(X509SvidFault.BadEncoding, "an entry of x5c is no base64 of one DER certificate; check what was sent", e);
        }
    }

    private static void VerifySignature(X509Certificate2 leaf, JwsAlgorithm algorithm, byte[] input, byte[] signature)
    {
        using var key = (AsymmetricAlgorithm?)leaf.GetECDsaPublicKey() ?? leaf.GetRSAPublicKey();
        if (key is null || !JwsAlgorithm.Of(key).Contains(algorithm))
        {
            throw new JwtSvidException(JwtSvidFault.KeyMismatch, "the algorithm does not belong to the certificate's key; the statement is forged or its signer is at fault");
        }

        bool isRight;
        try
        {
            isRight = algorithm.Verify(key, input, signature);
        }
        catch (CryptographicException e)
        {
            throw new JwtSvidException(JwtSvidFault.BadSignature, "the signature is malformed; the statement is forged or damaged", e);
        }

        if (!isRight)
        {
            throw new JwtSvidException(JwtSvidFault.BadSignature, "the signature is wrong; the statement is forged or damaged");
        }
    }
}
