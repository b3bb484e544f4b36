using System.Security.Cryptography.X509Certificates;

namespace Castellan.AgentGateway.Hosting;

/// <summary>The edge's certificate as files, as a Secret of type kubernetes.io/tls is mounted; read again when they change.</summary>
internal sealed class EdgeCertificateFiles
{
    internal const string Section = "Gateway:EdgeCertificate";

    private readonly Lock _gate = new();
    private X509Certificate2? _loaded;
    private DateTime _written;

    /// <summary>Certificate chain, PEM.</summary>
    public string Certificate { get; set; } = "/var/run/castellan/edge/tls.crt";

    /// <summary>Private key, PEM.</summary>
    public string Key { get; set; } = "/var/run/castellan/edge/tls.key";

    internal X509Certificate2 Load()
    {
        lock (_gate)
        {
            var written = File.GetLastWriteTimeUtc(Certificate);
            if (_loaded is null || written != _written)
            {
                (_loaded, _written) = (X509Certificate2.CreateFromPemFile(Certificate, Key), written);
            }

            return _loaded;
        }
    }
}
