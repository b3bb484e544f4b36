using System.Globalization;
using System.Net;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Oidc;

/// <summary>Serves OpenID discovery and the keys of JWT-SVIDs over HTTPS to whoever asks.</summary>
internal static class OidcEndpoint
{
    public static Task<ServerEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var web = WebCertificate.Of(options.Oidc.CertificateFile, options.Oidc.KeyFile, authority.Clock, loggers);
        return ServerEndpoint.StartAsync(
            authority,
            SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath),
            (kestrel, source) =>
            {
                kestrel.Limits.MaxRequestBodySize = 0;
                kestrel.Listen(IPEndPoint.Parse(options.Oidc.Endpoint), listen => listen.UseCertificate(source, web));
            },
            app => Map(app, authority, options.Oidc.Issuer),
            loggers,
            ct);
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
