namespace Castellan.SpiffeIdentity;

/// <summary>How an <see cref="Authority"/> issues.</summary>
public sealed record AuthorityOptions
{
    /// <summary>Whose authority it is.</summary>
    public required TrustDomain TrustDomain { get; init; }

    /// <summary>Directory of the key file, created with mode 0700; null keeps the keys in memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where private keys live; null keeps them in the key file, sealed if there is a <see cref="KeyEncryptionKey"/>.</summary>
    public IKeyVault? Vault { get; init; }

    /// <summary>Seals the private keys in the key file; null leaves them to the file's mode. Ignored with a <see cref="Vault"/>.</summary>
    public KeyEncryptionKey? KeyEncryptionKey { get; init; }

    /// <summary>Kind of the keys that sign: roots, intermediates, JWT keys.</summary>
    public AuthorityKeyType KeyType { get; init; } = AuthorityKeyType.EcP256;

    /// <summary>Kind of the keys of X.509-SVIDs.</summary>
    public AuthorityKeyType SvidKeyType { get; init; } = AuthorityKeyType.EcP256;

    /// <summary>A CA of the organisation that signs our intermediates; null makes roots of our own.</summary>
    public UpstreamAuthorityOptions? Upstream { get; init; }

    /// <summary>Identities that get nothing any more; null begins an empty list in memory.</summary>
    public DenialList? Denials { get; init; }

    /// <summary>Validity of an X.509-SVID; capped by the signing CA's.</summary>
    public TimeSpan X509SvidTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Validity of a JWT-SVID.</summary>
    public TimeSpan JwtSvidTtl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>URL under which OpenID discovery is served: claim <c>iss</c> of JWT-SVIDs; null leaves the claim out.</summary>
    public string? Issuer { get; init; }

    /// <summary>Validity of a signing CA (the intermediate) and of the JWT key made with it.</summary>
    public TimeSpan SigningCaTtl { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Validity of a root.</summary>
    public TimeSpan RootTtl { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How often others are told to fetch the bundle again.</summary>
    public TimeSpan BundleRefreshHint { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Clock of all validities and rotations.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
