namespace Castellan.SpiffeIdentity;

/// <summary>Who acts for whom, where, and who alone may show it: what a delegation token says.</summary>
public sealed record DelegatedAuthority
{
    /// <summary>For whom is acted: the name of a human, or the SPIFFE ID of an agent.</summary>
    public required string Subject { get; init; }

    /// <summary>Groups of a human.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Who acts: the one that acts now first, then those on whose word it does; empty when the subject acts for itself.</summary>
    public IReadOnlyList<SpiffeId> Actors { get; init; } = [];

    /// <summary>The only server that may take the token.</summary>
    public required SpiffeId Audience { get; init; }

    /// <summary>Who asked for the token and shows it: the gateway.</summary>
    public required SpiffeId Client { get; init; }

    /// <summary>Thumbprint of the certificate that the one who shows the token must prove to hold (<c>x5t#S256</c>).</summary>
    public required string CertificateThumbprint { get; init; }

    /// <summary>The run it belongs to; null for what a human does without an agent.</summary>
    public string? Run { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset Expiry { get; init; }

    /// <summary>Who acts for whom at whom.</summary>
    public override string ToString() => $"{(Actors.Count == 0 ? "" : $"{string.Join(" for ", Actors)} for ")}{Subject} at {Audience}";
}
