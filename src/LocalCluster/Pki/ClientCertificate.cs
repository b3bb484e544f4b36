namespace Castellan.LocalCluster.Pki;

/// <summary>A client's certificate and key.</summary>
/// <param name="CertificatePem">The certificate, PEM; common name = user, organizations = groups.</param>
/// <param name="KeyPem">Its private key, PKCS#8 PEM. Secret.</param>
public sealed record ClientCertificate(string CertificatePem, string KeyPem)
{
    /// <summary>Names the type only: the key is a secret.</summary>
    public override string ToString() => nameof(ClientCertificate);
}
