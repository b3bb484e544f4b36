using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.Policy.Tests.Approvals;

/// <summary>A client certificate authority for the tests.</summary>
internal sealed class Pki : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 authority;

    public Pki(string name = "CN=clients")
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        authority = request.CreateSelfSigned(Given.Noon.AddDays(-1), Given.Noon.AddDays(30));
    }

    public X509Certificate2Collection Authorities => [authority];

    public X509Certificate2 Authority => authority;

    public X509Certificate2 Client(string subject, string usage = "1.3.6.1.5.5.7.3.2", ECCurve? curve = null, TimeSpan? life = null)
    {
        using var own = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, own, HashAlgorithmName.SHA256);
        if (usage.Length > 0) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using var issued = request.Create(authority, Given.Noon.AddHours(-2), Given.Noon + (life ?? TimeSpan.FromDays(1)), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(own);
    }

    public void Dispose()
    {
        key.Dispose();
        authority.Dispose();
    }
}
