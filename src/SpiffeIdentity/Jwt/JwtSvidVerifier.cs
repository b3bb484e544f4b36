using System.Security.Cryptography;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>Verifies JWT-SVIDs.</summary>
/// <remarks>Source: JWT-SVID standard, sections 3 to 5. Refuses before parsing what cannot be one; never fetches or follows anything.</remarks>
public static class JwtSvidVerifier
{
    /// <summary>How far two clocks may differ.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    /// <summary>Verifies a token and gives what it proves.</summary>
    /// <param name="token">Compact serialization.</param>
    /// <param name="bundles">The bundle of a trust domain, or null when it is not believed.</param>
    /// <param name="audience">Our own name; the token must be for it.</param>
    /// <param name="now">The moment at which the token must be valid.</param>
    /// <exception cref="JwtSvidException">The token proves nothing; <see cref="JwtSvidException.Fault"/> says why.</exception>
    public static JwtSvid Verify(string token, Func<TrustDomain, TrustBundle?> bundles, string audience, DateTimeOffset now)
    {
        using var jws = CompactJws.Parse(token);
        var id = Subject(jws.Payload);
        VerifySignature(jws, id.TrustDomain, bundles);
        var theirs = Audience(jws.Payload);
        var expiry = Expiry(jws.Payload, id, now);
        if (!theirs.Contains(audience, StringComparer.Ordinal))
        {
            throw new JwtSvidException(JwtSvidFault.OtherAudience, $"the token of {id} is not for '{audience}'; ask for one with that audience");
        }

        return new(id, theirs, expiry, jws.Payload.GetRawText());
    }

    private static SpiffeId Subject(JsonElement payload)
    {
        var subject = JsonWebKey.Text(payload, "sub") ?? throw new JwtSvidException(JwtSvidFault.NoSubject, "the token has no subject; issue it for a SPIFFE ID");
        if (!SpiffeId.TryParse(subject, out var id))
        {
            throw new JwtSvidException(JwtSvidFault.BadSubject, "the subject is no SPIFFE ID; this is no JWT-SVID");
        }

        return id.Path.Length > 0
            ? id
            : throw new JwtSvidException(JwtSvidFault.SubjectHasNoPath, $"the subject {id} is a trust domain's ID; issue the token for a workload, whose ID has a path");
    }

    internal static void VerifySignature(CompactJws jws, TrustDomain trustDomain, Func<TrustDomain, TrustBundle?> bundles)
    {
        var bundle = bundles(trustDomain)
            ?? throw new JwtSvidException(JwtSvidFault.NoBundle, $"no key is known for trust domain {trustDomain}; federate with it first");
        var authority = bundle.JwtAuthorities.FirstOrDefault(a => a.KeyId == jws.KeyId)
            ?? throw new JwtSvidException(JwtSvidFault.UnknownKey, $"the bundle of {trustDomain} has no key of the token's kid; the token is old, or the bundle is");
        if (!authority.Algorithms.Contains(jws.Algorithm))
        {
            throw new JwtSvidException(JwtSvidFault.KeyMismatch, $"the algorithm does not belong to the key that {trustDomain} publishes; the token is forged or its issuer is at fault");
        }

        bool isRight;
        try
        {
            isRight = jws.Algorithm.Verify(authority.PublicKey, jws.Input, jws.Signature);
        }
        catch (CryptographicException e)
        {
            throw new JwtSvidException(JwtSvidFault.BadSignature, "the signature is malformed; the token is forged or damaged", e);
        }

        if (!isRight)
        {
            throw new JwtSvidException(JwtSvidFault.BadSignature, "the signature is wrong; the token is forged or damaged");
        }
    }

    internal static List<string> Audience(JsonElement payload)
    {
        List<string?> audience = !payload.TryGetProperty("aud", out var value) ? [] : value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString() : null)],
            _ => [null],
        };
        if (audience.Count == 0 || audience is [""])
        {
            throw new JwtSvidException(JwtSvidFault.NoAudience, "the token has no audience; issue it for one");
        }

        return audience.TrueForAll(a => !string.IsNullOrEmpty(a))
            ? [.. audience.Select(a => a!)]
            : throw new JwtSvidException(JwtSvidFault.BadAudience, "the audience is no list of texts; issue the token for one audience");
    }

    internal static DateTimeOffset Expiry(JsonElement payload, object id, DateTimeOffset now)
    {
        var expiry = Time(payload, "exp") ?? throw new JwtSvidException(JwtSvidFault.NoExpiry, $"the token of {id} has no expiry; issue it with one");
        if (expiry + Leeway <= now)
        {
            throw new JwtSvidException(JwtSvidFault.Expired, $"the token of {id} expired at {expiry:O}; fetch a new one");
        }

        if (Time(payload, "nbf") - Leeway > now)
        {
            throw new JwtSvidException(JwtSvidFault.NotYetValid, $"the token of {id} is not valid yet; check both clocks");
        }

        return Time(payload, "iat") - Leeway > now
            ? throw new JwtSvidException(JwtSvidFault.IssuedInFuture, $"the token of {id} says it was issued in the future; check both clocks")
            : expiry;
    }

    internal static DateTimeOffset? Time(JsonElement payload, string claim)
    {
        if (!payload.TryGetProperty(claim, out var value))
        {
            return null;
        }

        // Bounded so that neither an absurd number nor the leeway leaves the range of dates.
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 250_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : throw new JwtSvidException(JwtSvidFault.BadTime, $"claim {claim} is no time in seconds; issue the token again");
    }
}
