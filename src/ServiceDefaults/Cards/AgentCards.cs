using System.Text;
using System.Text.Json.Nodes;
using Castellan.Digests;
using Castellan.SpiffeIdentity;

namespace Castellan.ServiceDefaults.Cards;

/// <summary>Agent cards of A2A, signed with the agent's X.509-SVID.</summary>
/// <remarks>
/// Source: A2A specification, section 8.4: a JWS over the card without <c>signatures</c> in canonical JSON (RFC 8785), whose header names
/// <c>alg</c>, <c>kid</c> and <c>typ</c>, and here the chain (<c>x5c</c>).
/// </remarks>
public static class AgentCards
{
    /// <summary>Where an agent serves its card.</summary>
    public const string Path = "/.well-known/agent-card.json";

    private const string Type = "JOSE";
    private const string Signatures = "signatures";
    private const int MostSignatures = 4;

    /// <summary>The card with a signature of this SVID.</summary>
    /// <param name="card">The card; left as it is.</param>
    /// <param name="svid">Who signs.</param>
    public static JsonObject Sign(JsonObject card, X509Svid svid)
    {
        var signed = SvidJws.SignDetached(svid, Type, Payload(card));
        var copy = card.DeepClone().AsObject();
        copy[Signatures] = new JsonArray(new JsonObject { ["protected"] = signed.Protected, ["signature"] = signed.Signature });
        return copy;
    }

    /// <summary>Verifies that exactly this agent signed the card.</summary>
    /// <param name="card">The card with its signatures.</param>
    /// <param name="agent">Whose card it must be. Nobody else's signature counts, however valid.</param>
    /// <param name="bundles">The bundles that are believed.</param>
    /// <param name="now">The moment at which the SVID that signed must be valid.</param>
    /// <exception cref="AgentCardException">It is not proven to be this agent's.</exception>
    public static SvidStatement Verify(JsonObject card, SpiffeId agent, X509BundleSet bundles, DateTimeOffset now)
    {
        if (card[Signatures] is not JsonArray { Count: > 0 and <= MostSignatures } signatures)
        {
            throw new AgentCardException(AgentCardFault.Unsigned, $"the card has no member {Signatures} with 1 to {MostSignatures} signatures; run the agent with a runtime of this version");
        }

        AgentCardException? refusal = null;
        foreach (var entry in signatures)
        {
            try
            {
                var said = SvidJws.VerifyDetached(Read(entry), Type, Payload(card), bundles, now);
                if (said.Signer == agent)
                {
                    return said;
                }

                refusal = new(AgentCardFault.OtherSigner, $"the card is signed by {said.Signer}, not by {agent}; whoever answers at this agent's address is not this agent: see its pod");
            }
            catch (Exception e) when (e is JwtSvidException or X509SvidException or FormatException)
            {
                refusal ??= new(AgentCardFault.NotBelieved, $"the card's signature is not believed: {e.Message}", e);
            }
        }

        throw refusal!;
    }

    private static SvidSignature Read(JsonNode? entry) => entry is JsonObject signature && Text(signature, "protected") is { } header && Text(signature, "signature") is { } value
        ? new(header, value)
        : throw new FormatException("a signature has not the texts protected and signature");

    private static string? Text(JsonObject from, string name) => from[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static byte[] Payload(JsonObject card) =>
        Encoding.UTF8.GetBytes(CanonicalJson.Write(new JsonObject(card.Where(m => m.Key != Signatures).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())))));
}
