namespace Castellan.SpiffeIdentity;

/// <summary>The name of a trust domain: who issued an identity, and whose bundle verifies it.</summary>
/// <remarks>Source: SPIFFE-ID standard, section 2.1: 1 to 255 of <c>a-z 0-9 . - _</c>; nothing is normalised.</remarks>
public sealed record TrustDomain
{
    private TrustDomain(string name) => Name = name;

    /// <summary>The name, for example <c>castellan.local</c>.</summary>
    public string Name { get; }

    /// <summary>The SPIFFE ID of the trust domain itself, without a path.</summary>
    public SpiffeId Id => SpiffeId.FromPath(this, "");

    /// <summary>Reads a trust domain name (without <c>spiffe://</c>).</summary>
    /// <exception cref="SpiffeIdException">The name breaks a rule.</exception>
    public static TrustDomain Parse(string name) =>
        SpiffeIdSyntax.TrustDomainFault(name) is { } fault ? throw new SpiffeIdException(fault, name) : new(name);

    /// <summary>Reads a trust domain name (without <c>spiffe://</c>); false when it breaks a rule.</summary>
    public static bool TryParse(string? name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TrustDomain? trustDomain)
    {
        trustDomain = name is not null && SpiffeIdSyntax.TrustDomainFault(name) is null ? new(name) : null;
        return trustDomain is not null;
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
