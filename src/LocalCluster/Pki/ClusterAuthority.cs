using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.LocalCluster.Pki;

/// <summary>The cluster's certificate authority: signs the server's certificate and those of clients. Its key stays in the data directory.</summary>
internal sealed class ClusterAuthority : IDisposable
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    private readonly X509Certificate2 authority;
    private readonly TimeProvider clock;

    private ClusterAuthority(X509Certificate2 authority, TimeProvider clock) => (this.authority, this.clock) = (authority, clock);

    /// <summary>The authority's certificate, PEM.</summary>
    public string CertificatePem => authority.ExportCertificatePem();

    /// <summary>Reads the authority from a directory, or makes one there.</summary>
    /// <exception cref="InvalidDataException">A file is there but unreadable as a key or certificate.</exception>
    public static ClusterAuthority Open(string directory, TimeProvider clock)
    {
        var (certificateFile, keyFile) = (Path.Combine(directory, "ca.crt"), Path.Combine(directory, "ca.key"));
        if (File.Exists(certificateFile) && File.Exists(keyFile))
        {
            try
            {
                return new ClusterAuthority(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), clock);
            }
            catch (CryptographicException e)
            {
                throw new InvalidDataException(
                    $"{certificateFile} and {keyFile} are no certificate and key; restore them, or delete both to issue new credentials for everyone", e);
            }
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=castellan-local-cluster", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = clock.GetUtcNow();
        var made = request.CreateSelfSigned(now - Skew, now + AuthorityLifetime);
        PrivateFiles.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        PrivateFiles.Write(certificateFile, made.ExportCertificatePem());
        return new ClusterAuthority(made, clock);
    }

    /// <summary>A certificate for the API server on loopback.</summary>
    public X509Certificate2 IssueServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var name in (ReadOnlySpan<string>)["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]) names.AddDnsName(name);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var issued = Sign(request, ServerAuthentication, LeafLifetime);
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>A client certificate: the user is the common name, the groups are organizations.</summary>
    /// <returns>Certificate and PKCS#8 key, both PEM.</returns>
    public ClientCertificate IssueClient(string user, IEnumerable<string> groups, TimeSpan? lifetime = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        foreach (var group in groups) name.AddOrganizationName(group);
        name.AddCommonName(user);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        using var issued = Sign(request, ClientAuthentication, lifetime ?? LeafLifetime);
        return new ClientCertificate(issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Signed by this authority, for client authentication, and valid now.</summary>
    public bool Trusts(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }

    public void Dispose() => authority.Dispose();

    private X509Certificate2 Sign(CertificateRequest request, Oid usage, TimeSpan lifetime)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var now = clock.GetUtcNow();
        var end = now + lifetime;
        if (end > authority.NotAfter.ToUniversalTime()) end = authority.NotAfter.ToUniversalTime();
        return request.Create(authority, now - Skew, end, RandomNumberGenerator.GetBytes(16));
    }
}
