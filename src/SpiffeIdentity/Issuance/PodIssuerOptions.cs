namespace Castellan.SpiffeIdentity;

/// <summary>How the agent in a pod finds the authority's server and proves its pod.</summary>
public sealed record PodIssuerOptions
{
    /// <summary>The server's HTTPS address.</summary>
    public required Uri Server { get; init; }

    /// <summary>The server's SPIFFE ID, of the trust domain whose bundle <see cref="BundleFile"/> holds: no other server is talked to.</summary>
    public required SpiffeId ServerId { get; init; }

    /// <summary>The projected service-account token; read anew for every call, because the kubelet replaces it.</summary>
    public required string TokenFile { get; init; }

    /// <summary>The trust bundle (JWK Set) by which the server is known before the first answer.</summary>
    public required string BundleFile { get; init; }

    /// <summary>Kind of the keys made here.</summary>
    public AuthorityKeyType KeyType { get; init; } = AuthorityKeyType.EcP256;

    /// <summary>Clock of waits and validities.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
