using System.Net;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer;

/// <summary>Serves the trust bundle to whoever asks, proving the server by its X.509-SVID, or by a certificate of the Web PKI if one is given.</summary>
/// <remarks>Source: SPIFFE Federation standard, section 5, profiles https_spiffe and https_web: GET answers the newest bundle; no client authentication.</remarks>
internal static class BundleEndpoint
{
    public static Task<ServerEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var web = WebCertificate.Of(options.BundleEndpointCertificateFile, options.BundleEndpointKeyFile, authority.Clock, loggers);
        return ServerEndpoint.StartAsync(
            authority,
            SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath),
            (kestrel, source) => kestrel.Listen(IPEndPoint.Parse(options.BundleEndpoint), listen => listen.UseCertificate(source, web)),
            app => app.MapGet("/", () => Results.Bytes(authority.Bundle.Export(), "application/json")),
            loggers,
            ct);
    }
}
