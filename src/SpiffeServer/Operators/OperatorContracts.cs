using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Operators;

/// <summary>An authority as its operator sees it.</summary>
/// <param name="TrustDomain">Whose authority it is.</param>
/// <param name="Sequence">Sequence of the bundle.</param>
/// <param name="RefreshHintSeconds">How often others are told to fetch the bundle.</param>
/// <param name="Keys">CAs and JWT keys.</param>
/// <param name="Identities">Identities with a valid X.509-SVID.</param>
/// <param name="Denied">Identities that get nothing any more.</param>
public sealed record AuthorityReport(
    string TrustDomain, long Sequence, long RefreshHintSeconds, IReadOnlyList<AuthorityKeyStatus> Keys, IReadOnlyList<AuthorityEventReport> Identities, IReadOnlyList<string> Denied)
{
    internal static AuthorityReport Of(Authority authority) => new(
        authority.TrustDomain.Name,
        authority.Bundle.Sequence ?? 0,
        (long)(authority.Bundle.RefreshHint?.TotalSeconds ?? 0),
        authority.Keys,
        [.. authority.Ledger.Valid(authority.Now).Select(AuthorityEventReport.Of)],
        [.. authority.Denials.Denied.Select(d => d.ToString()).Order(StringComparer.Ordinal)]);
}

/// <summary>Something that happened at an authority.</summary>
/// <param name="Time">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Id">Whose SVID; null when it concerns no single identity.</param>
/// <param name="NotAfter">End of what was issued.</param>
/// <param name="Detail">The audience, the sequence of the bundle.</param>
public sealed record AuthorityEventReport(DateTimeOffset Time, AuthorityEventKind Kind, string? Id, DateTimeOffset? NotAfter, string Detail)
{
    internal static AuthorityEventReport Of(AuthorityEvent item) => new(item.Time, item.Kind, item.Id?.ToString(), item.NotAfter, item.Detail);
}

/// <summary>Asks for an SVID.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Audience">Whom a JWT-SVID is for; none asks for an X.509-SVID.</param>
/// <param name="TtlSeconds">Validity, 1 second to a day; null takes the configured one.</param>
public sealed record MintRequest(string Id, IReadOnlyList<string>? Audience = null, int? TtlSeconds = null);

/// <summary>A minted SVID. Secret.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Token">The JWT-SVID.</param>
/// <param name="Certificates">PEM: the leaf, then the intermediates.</param>
/// <param name="Key">PEM: PKCS#8.</param>
/// <param name="Bundle">PEM: the roots that verify it.</param>
public sealed record MintedIdentity(string Id, string? Token, string? Certificates, string? Key, string? Bundle)
{
    /// <summary>The ID; never the key or the token.</summary>
    public override string ToString() => Id;
}

/// <summary>Denies an identity, or lifts its denial.</summary>
/// <param name="Id">Whose.</param>
/// <param name="Lift">True lifts.</param>
public sealed record DenialRequest(string Id, bool Lift = false);

/// <summary>How these travel.</summary>
public static class OperatorJson
{
    /// <summary>camelCase, enumerations by name.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new(JsonSerializerDefaults.Web));

    internal static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new JsonStringEnumConverter());
        return options;
    }
}
