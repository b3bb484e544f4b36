using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>Tokens with which the gateway acts for somebody at one tool server, signed by the trust domain's authority.</summary>
/// <remarks>
/// Sources: RFC 8693 (claim <c>act</c>), RFC 8705 (claim <c>cnf</c>, member <c>x5t#S256</c>), RFC 9068 (type <c>at+jwt</c>, <c>client_id</c>).
/// The type keeps these apart from JWT-SVIDs, which the same keys sign: neither passes as the other.
/// </remarks>
public static class DelegationToken
{
    /// <summary>Header <c>typ</c>.</summary>
    public const string Type = "at+jwt";

    /// <summary>Longest chain of actors: an agent, called by an agent, called by an agent, called by an agent.</summary>
    public const int MaxActors = 4;

    /// <summary>Longest validity.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(5);

    /// <summary>Verifies a token and gives what it says.</summary>
    /// <param name="token">Compact serialization.</param>
    /// <param name="bundles">The bundle of a trust domain, or null when it is not believed.</param>
    /// <param name="audience">Our own ID; the token must be for it, and signed by its trust domain's authority.</param>
    /// <param name="thumbprint">Thumbprint of the certificate of the peer who shows the token.</param>
    /// <param name="now">The moment at which it must be valid.</param>
    /// <exception cref="DelegationException">The token gives nobody any power here.</exception>
    public static DelegatedAuthority Verify(string token, Func<TrustDomain, TrustBundle?> bundles, SpiffeId audience, string thumbprint, DateTimeOffset now)
    {
        try
        {
            using var jws = CompactJws.Parse(token, Type);
            JwtSvidVerifier.VerifySignature(jws, audience.TrustDomain, bundles);
            var authority = Read(jws.Payload, audience, now);
            return authority.CertificateThumbprint == thumbprint
                ? authority
                : throw new DelegationException(DelegationFault.OtherSender, $"the token is bound to another certificate than the one that its sender showed; only {authority.Client} may send it, and asks for a new one when its SVID changes");
        }
        catch (JwtSvidException e)
        {
            throw new DelegationException(DelegationFault.NotBelieved, $"the delegation is not believed: {e.Message}", e);
        }
    }

    internal static string Write(JwtSigningKey key, string issuer, DelegatedAuthority authority, DateTimeOffset now)
    {
        CheckDepth(authority.Actors.Count);
        return JwtWriter.Write(key, Type, writer =>
        {
            writer.WriteString("iss", issuer);
            writer.WriteString("aud", authority.Audience.ToString());
            writer.WriteString("client_id", authority.Client.ToString());
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            writer.WriteNumber("exp", authority.Expiry.ToUnixTimeSeconds());
            writer.WriteString("jti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            writer.WriteStartObject("cnf");
            writer.WriteString("x5t#S256", authority.CertificateThumbprint);
            writer.WriteEndObject();
            WriteParty(writer, authority.Subject, authority.Groups, authority.Actors, authority.Run);
        });
    }

    /// <summary>The nested members <c>act</c> as a chain: the current actor first.</summary>
    /// <exception cref="DelegationException">The chain is too long, or holds something else than SPIFFE IDs.</exception>
    internal static IReadOnlyList<SpiffeId> ReadActors(JsonElement claims)
    {
        var actors = new List<SpiffeId>();
        for (var at = claims; at.TryGetProperty("act", out var act); at = act)
        {
            CheckDepth(actors.Count + 1);
            actors.Add(act.ValueKind == JsonValueKind.Object ? Id(act, "sub") : throw Bad("act", "an object with the actor's sub"));
        }

        return actors;
    }

    internal static IReadOnlyList<string> ReadGroups(JsonElement claims)
    {
        if (!claims.TryGetProperty("groups", out var groups))
        {
            return [];
        }

        return groups.ValueKind == JsonValueKind.Array && groups.EnumerateArray().All(g => g.ValueKind == JsonValueKind.String)
            ? [.. groups.EnumerateArray().Select(g => g.GetString()!)]
            : throw Bad("groups", "a list of texts");
    }

    internal static string Text(JsonElement claims, string name) => JsonWebKey.Text(claims, name) is { Length: > 0 } text ? text : throw Bad(name, "a text");

    /// <summary>The members that name a party: <c>sub</c>, <c>groups</c>, <c>run</c> and the nested <c>act</c>.</summary>
    internal static void WriteParty(Utf8JsonWriter writer, string subject, IReadOnlyList<string> groups, IReadOnlyList<SpiffeId> actors, string? run)
    {
        writer.WriteString("sub", subject);
        if (groups.Count > 0)
        {
            writer.WriteStartArray("groups");
            foreach (var group in groups)
            {
                writer.WriteStringValue(group);
            }

            writer.WriteEndArray();
        }

        if (run is not null)
        {
            writer.WriteString("run", run);
        }

        foreach (var actor in actors)
        {
            writer.WriteStartObject("act");
            writer.WriteString("sub", actor.ToString());
        }

        for (var i = 0; i < actors.Count; i++)
        {
            writer.WriteEndObject();
        }
    }

    internal static void CheckDepth(int actors)
    {
        if (actors > MaxActors)
        {
            throw new DelegationException(DelegationFault.TooManyActors, $"the chain of actors has more than {MaxActors} members; let the agents call each other less deeply");
        }
    }

    private static DelegatedAuthority Read(JsonElement claims, SpiffeId audience, DateTimeOffset now)
    {
        if (JwtSvidVerifier.Audience(claims) is not [var theirs] || theirs != audience.ToString())
        {
            throw new DelegationException(DelegationFault.NotBelieved, $"the delegation is not for {audience} alone; ask for one with that audience");
        }

        var subject = Text(claims, "sub");
        return new()
        {
            Subject = subject,
            Groups = ReadGroups(claims),
            Actors = ReadActors(claims),
            Audience = audience,
            Client = Id(claims, "client_id"),
            CertificateThumbprint = claims.TryGetProperty("cnf", out var cnf) && cnf.ValueKind == JsonValueKind.Object ? Text(cnf, "x5t#S256") : throw Bad("cnf", "an object with x5t#S256"),
            Run = claims.TryGetProperty("run", out _) ? Text(claims, "run") : null,
            Expiry = JwtSvidVerifier.Expiry(claims, subject, now),
        };
    }

    private static SpiffeId Id(JsonElement claims, string name) =>
        SpiffeId.TryParse(JsonWebKey.Text(claims, name), out var id) && id.Path.Length > 0 ? id : throw Bad(name, "the SPIFFE ID of a workload");

    private static DelegationException Bad(string claim, string wanted) =>
        new(DelegationFault.BadClaim, $"claim {claim} is not {wanted}; ask the authority of this version for the token");
}
