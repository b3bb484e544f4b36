using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer;

/// <summary>A server certificate in PEM files, as a Secret of type kubernetes.io/tls is mounted; looked at again every minute.</summary>
internal sealed partial class WebCertificate(string certificateFile, string keyFile, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private SslStreamCertificateContext? _loaded;
    private DateTimeOffset _lookedAt;

    /// <summary>The certificate of two configured files, read once so that a wrong one stops the start; null when no file is configured.</summary>
    /// <exception cref="CryptographicException">It cannot be read.</exception>
    public static WebCertificate? Of(string certificateFile, string keyFile, TimeProvider clock, ILoggerFactory loggers)
    {
        if (certificateFile.Length == 0)
        {
            return null;
        }

        var certificate = new WebCertificate(certificateFile, keyFile, clock, loggers.CreateLogger<WebCertificate>());
        _ = certificate.Load();
        return certificate;
    }

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

/// <summary>How a listener that asks for no client certificate proves itself.</summary>
internal static class WebCertificateListening
{
    /// <summary>Proves the server by a certificate of the Web PKI, or by its X.509-SVID where there is none.</summary>
    public static void UseCertificate(this ListenOptions listen, IX509Source source, WebCertificate? web)
    {
        if (web is null)
        {
            listen.UseHttps(SpiffeTls.ServerWithoutClientCertificate(source));
            return;
        }

        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = web.Load(),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }),
        });
    }
}
