using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Oidc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer;

/// <summary>Serves the trust bundle to whoever asks, proving the server by its X.509-SVID, or by a certificate of the Web PKI if one is given.</summary>
/// <remarks>Source: SPIFFE Federation standard, section 5, profiles https_spiffe and https_web: GET answers the newest bundle; no client authentication.</remarks>
internal sealed class BundleEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly AuthorityX509Source _source;

    private BundleEndpoint(WebApplication app, AuthorityX509Source source)
    {
        _app = app;
        _source = source;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }

    public static async Task<BundleEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var source = new AuthorityX509Source(authority, SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath));
        try
        {
            var builder = ServiceHost.CreateBuilder();
            builder.Services.AddSingleton(loggers);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPEndPoint.Parse(options.BundleEndpoint), listen => Prove(listen, source, options, loggers)));
            var app = builder.Build();
            app.MapGet("/", () => Results.Bytes(authority.Bundle.Export(), "application/json"));
            await app.StartAsync(ct).ConfigureAwait(false);
            return new(app, source);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static void Prove(ListenOptions listen, AuthorityX509Source source, SpiffeServerOptions options, ILoggerFactory loggers)
    {
        if (options.BundleEndpointCertificateFile.Length == 0)
        {
            listen.UseHttps(SpiffeTls.ServerWithoutClientCertificate(source));
            return;
        }

        var certificate = new WebCertificate(options.BundleEndpointCertificateFile, options.BundleEndpointKeyFile, TimeProvider.System, loggers.CreateLogger<WebCertificate>());
        _ = certificate.Load(); // a file that is missing stops the start
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Load(),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }
}
