using System.Net;
using Castellan.KubeClient;
using Castellan.Rpc;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer.Pods;

/// <summary>Issues to the agents in pods: HTTPS by the server's own SVID, each call authenticated by the pod's token.</summary>
internal sealed class PodEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly AuthorityX509Source _source;

    private PodEndpoint(WebApplication app, AuthorityX509Source source)
    {
        _app = app;
        _source = source;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Address { get; }

    public static async Task<PodEndpoint> StartAsync(Authority authority, SpiffeServerOptions options, KubeConnection kube, ILoggerFactory loggers, CancellationToken ct)
    {
        var source = new AuthorityX509Source(authority, SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath));
        try
        {
            var attestor = new PodTokenAttestor(kube, authority.TrustDomain, options.PodTokenAudience);
            var builder = ServiceHost.CreateBuilder();
            builder.Services.AddSingleton(loggers);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().Listen(IPEndPoint.Parse(options.PodApi), listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(SpiffeTls.ServerWithoutClientCertificate(source));
            }));
            var app = builder.Build();
            app.MapGrpc(new IssuanceEndpoint(authority, attestor, loggers.CreateLogger<IssuanceEndpoint>()).Create());
            app.MapGrpcFallback();
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
}
