namespace Castellan.SpiffeIdentity;

/// <summary>How an <see cref="Authority"/> issues.</summary>
public sealed record AuthorityOptions
{
    /// <summary>Whose authority it is.</summary>
    public required TrustDomain TrustDomain { get; init; }

    /// <summary>Directory of the key file, created with mode 0700; null keeps the keys in memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Validity of an X.509-SVID; capped by the signing CA's.</summary>
    public TimeSpan X509SvidTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Validity of a JWT-SVID.</summary>
    public TimeSpan JwtSvidTtl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Validity of a signing CA (the intermediate) and of the JWT key made with it.</summary>
    public TimeSpan SigningCaTtl { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Validity of a root.</summary>
    public TimeSpan RootTtl { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How often others are told to fetch the bundle again.</summary>
    public TimeSpan BundleRefreshHint { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Clock of all validities and rotations.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
