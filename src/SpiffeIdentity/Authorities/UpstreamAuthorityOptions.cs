namespace Castellan.SpiffeIdentity;

/// <summary>An authority of the organisation that signs ours, given as files (a mounted Secret, for example). Read again whenever they change.</summary>
public sealed record UpstreamAuthorityOptions
{
    /// <summary>PEM: the CA certificate that signs, then those above it, up to the root.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>PEM: the CA's private key (PKCS#8, SEC 1 or PKCS#1), unencrypted.</summary>
    public required string KeyFile { get; init; }

    /// <summary>PEM: the roots that bundles publish; null takes the last certificate of <see cref="CertificateFile"/>.</summary>
    public string? BundleFile { get; init; }
}
