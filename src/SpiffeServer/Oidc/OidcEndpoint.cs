using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Oidc;

/// <summary>Serves OpenID discovery and the keys of JWT-SVIDs over HTTPS to whoever asks.</summary>
internal sealed class OidcEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly AuthorityX509Source _source;

    private OidcEndpoint(WebApplication app, AuthorityX509Source source)
    {
        (_app, _source) = (app, source);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }

    public static async Task<OidcEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var source = new AuthorityX509Source(authority, SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath));
        try
        {
            var builder = ServiceHost.CreateBuilder();
            builder.Services.AddSingleton(loggers);
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Limits.MaxRequestBodySize = 0;
                kestrel.Listen(IPEndPoint.Parse(options.Oidc.Endpoint), listen => UseCertificate(listen, options.Oidc, source, authority.Clock, loggers));
            });
            var app = builder.Build();
            Map(app, authority, options.Oidc.Issuer);
            await app.StartAsync(ct).ConfigureAwait(false);
            return new(app, source);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static void UseCertificate(ListenOptions listen, OidcOptions options, AuthorityX509Source source, TimeProvider clock, ILoggerFactory loggers)
    {
        if (options.CertificateFile.Length == 0)
        {
            listen.UseHttps(SpiffeTls.ServerWithoutClientCertificate(source));
            return;
        }

        var certificate = new WebCertificate(options.CertificateFile, options.KeyFile, clock, loggers.CreateLogger<WebCertificate>());
        certificate.Load(); // a wrong file shows at the start, not at the first consumer
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Load(),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }),
        });
    }

    private static void Map(WebApplication app, Authority authority, string issuer)
    {
        var path = new Uri(issuer).AbsolutePath.TrimEnd('/');
        app.MapGet(path + OidcDocuments.DiscoveryPath, (HttpContext context) => Answer(context, authority.Bundle, bundle => OidcDocuments.Discovery(issuer, bundle)));
        app.MapGet(path + OidcDocuments.KeysPath, (HttpContext context) => Answer(context, authority.Bundle, OidcDocuments.Keys));
    }

    /// <summary>
    /// Consumers may keep an answer for half of the time that a key is published before it signs, so that none meets a token whose key
    /// it could not know.
    /// </summary>
    private static IResult Answer(HttpContext context, TrustBundle bundle, Func<TrustBundle, byte[]> write)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{bundle.Sequence ?? 0}\"");
        var seconds = (int)((bundle.RefreshHint ?? TimeSpan.Zero).TotalSeconds / 2);
        context.Response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={seconds}");
        context.Response.Headers.ETag = tag;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Request.Headers.IfNoneMatch.ToString() == tag
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(write(bundle), "application/json");
    }
}
