using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Oidc;

/// <summary>A server certificate in PEM files, as a Secret of type kubernetes.io/tls is mounted; looked at again every minute.</summary>
internal sealed partial class WebCertificate(string certificateFile, string keyFile, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private SslStreamCertificateContext? _loaded;
    private DateTimeOffset _lookedAt;

    /// <summary>The certificate with its chain. One that cannot be read leaves the last good one in force.</summary>
    /// <exception cref="CryptographicException">None could be read yet.</exception>
    public SslStreamCertificateContext Load()
    {
        lock (_gate)
        {
            if (_loaded is { } held && clock.GetUtcNow() - _lookedAt < s_lookAgain)
            {
                return held;
            }

            try
            {
                _loaded = Read();
            }
            catch (Exception e) when (_loaded is not null && e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                LogKept(logger, certificateFile, e.Message);
            }

            _lookedAt = clock.GetUtcNow();
            return _loaded!;
        }
    }

    private SslStreamCertificateContext Read()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificateFile);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), [.. chain.Skip(1)], offline: true);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} cannot be read now, the certificate read before stays in use: {Problem}")]
    private static partial void LogKept(ILogger logger, string file, string problem);
}
