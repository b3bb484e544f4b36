using System.Buffers;
using System.Text.Json;

namespace Castellan.SpiffeIdentity;

/// <summary>What the gateway says, with its signature, of one party of a call: of the one it is for, or of the agent that makes it.</summary>
/// <remarks>
/// The gateway takes it from its own run record. Nothing that a caller sent is in it, least of all the caller's token. Subject and
/// actor token of RFC 8693, signed with the gateway's X.509-SVID.
/// </remarks>
public sealed record PartyStatement
{
    /// <summary>Header <c>typ</c>.</summary>
    public const string Type = "castellan-party+jwt";

    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(1);

    /// <summary>The party: the name of a human, or the SPIFFE ID of an agent.</summary>
    public required string Subject { get; init; }

    /// <summary>Groups of a human.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>On whose word the party is acting already, the nearest first.</summary>
    public IReadOnlyList<SpiffeId> Actors { get; init; } = [];

    /// <summary>The run that the record is of; null for what a human does without an agent.</summary>
    public string? Run { get; init; }

    /// <summary>When the human's login ends; null when the cluster gave it no end.</summary>
    public DateTimeOffset? LoginExpiry { get; init; }

    /// <summary>Signs the statement; it is good for a minute.</summary>
    /// <param name="signer">The gateway's SVID.</param>
    /// <param name="audience">Who shall believe it.</param>
    /// <param name="now">The moment.</param>
    public string Sign(X509Svid signer, SpiffeId audience, DateTimeOffset now)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(payload))
        {
            writer.WriteStartObject();
            writer.WriteString("iss", signer.Id.ToString());
            writer.WriteString("aud", audience.ToString());
            writer.WriteNumber("iat", now.ToUnixTimeSeconds());
            writer.WriteNumber("exp", (now + s_life).ToUnixTimeSeconds());
            if (LoginExpiry is { } login)
            {
                writer.WriteNumber("login_exp", login.ToUnixTimeSeconds());
            }

            DelegationToken.WriteParty(writer, Subject, Groups, Actors, Run);
            writer.WriteEndObject();
        }

        return SvidJws.Sign(signer, Type, payload.WrittenSpan);
    }

    /// <summary>Verifies a statement.</summary>
    /// <param name="statement">Compact serialization.</param>
    /// <param name="signer">Who alone may say such things.</param>
    /// <param name="audience">Our own ID.</param>
    /// <param name="bundles">The bundles that are believed.</param>
    /// <param name="now">The moment.</param>
    /// <exception cref="DelegationException">It is not believed.</exception>
    public static PartyStatement Verify(string statement, SpiffeId signer, SpiffeId audience, X509BundleSet bundles, DateTimeOffset now)
    {
        try
        {
            var said = SvidJws.Verify(statement, Type, bundles, now);
            using var document = CompactJws.ParseObject(said.Payload.ToArray(), "payload");
            return said.Signer == signer && DelegationToken.Text(document.RootElement, "iss") == signer.ToString()
                ? Read(document.RootElement, audience, now)
                : throw new DelegationException(DelegationFault.OtherSender, $"{said.Signer} signed; only {signer} may say for whom it acts");
        }
        catch (Exception e) when (e is JwtSvidException or X509SvidException)
        {
            throw new DelegationException(DelegationFault.NotBelieved, e.Message, e);
        }
    }

    private static PartyStatement Read(JsonElement claims, SpiffeId audience, DateTimeOffset now)
    {
        if (DelegationToken.Text(claims, "aud") != audience.ToString())
        {
            throw new DelegationException(DelegationFault.NotBelieved, $"the statement is not for {audience}; sign one with that audience");
        }

        var subject = DelegationToken.Text(claims, "sub");
        JwtSvidVerifier.Expiry(claims, subject, now);
        return new()
        {
            Subject = subject,
            Groups = DelegationToken.ReadGroups(claims),
            Actors = DelegationToken.ReadActors(claims),
            Run = claims.TryGetProperty("run", out _) ? DelegationToken.Text(claims, "run") : null,
            LoginExpiry = JwtSvidVerifier.Time(claims, "login_exp"),
        };
    }
}
