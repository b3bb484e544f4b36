using System.Net;
using Castellan.KubeClient;
using Castellan.Rpc;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Pods;

/// <summary>Issues to the agents in pods: HTTPS by the server's own SVID, each call authenticated by the pod's token.</summary>
internal static class PodEndpoint
{
    public static Task<ServerEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, KubeConnection kube, ILoggerFactory loggers, CancellationToken ct)
    {
        var attestor = new PodTokenAttestor(kube, authority.TrustDomain, options.PodTokenAudience);
        var issuance = new IssuanceEndpoint(authority, attestor, loggers.CreateLogger<IssuanceEndpoint>());
        return ServerEndpoint.StartAsync(
            authority,
            SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath),
            (kestrel, source) => kestrel.UseGrpcDefaults().Listen(IPEndPoint.Parse(options.PodApi), listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(SpiffeTls.ServerWithoutClientCertificate(source));
            }),
            app =>
            {
                app.MapGrpc(issuance.Create());
                app.MapGrpcFallback();
            },
            loggers,
            ct);
    }
}
