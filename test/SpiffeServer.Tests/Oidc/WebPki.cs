using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeServer.Tests.Oidc;

/// <summary>A web CA with one server certificate in files, and a client that believes this CA and finds every name at one address.</summary>
internal sealed class WebPki
{
    private readonly X509Certificate2 _root;

    public WebPki(string host)
    {
        var folder = Directory.CreateTempSubdirectory("web-pki").FullName;
        (CertificateFile, KeyFile) = (Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var ca = new CertificateRequest("CN=web root", rootKey, HashAlgorithmName.SHA256);
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = ca.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        leaf.CertificateExtensions.Add(names.Build());
        using var certificate = leaf.Create(_root, now.AddMinutes(-5), now.AddHours(1), RandomNumberGenerator.GetBytes(12));
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    public HttpClient ClientAt(Uri address) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { _root }, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
        },
        ConnectCallback = async (_, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPEndPoint.Parse(address.Authority), ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });
}
