using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeServer;

/// <summary>A certificate of the Web PKI as files (PEM: leaf, then those above it; key), read again when they change.</summary>
internal sealed class WebCertificate(string certificateFile, string keyFile)
{
    private readonly Lock _gate = new();
    private SslStreamCertificateContext? _loaded;
    private DateTime _written;

    /// <summary>The certificate with its key and chain.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file holds something else.</exception>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                var written = File.GetLastWriteTimeUtc(certificateFile);
                if (_loaded is null || written != _written)
                {
                    (_loaded, _written) = (Load(), written);
                }

                return _loaded;
            }
        }
    }

    private SslStreamCertificateContext Load()
    {
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(certificateFile);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), chain, offline: true);
    }
}
