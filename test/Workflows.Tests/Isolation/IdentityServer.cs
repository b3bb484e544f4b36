using System.Net;
using Castellan.Rpc;
using Castellan.SpiffeIdentity;
using Castellan.Workflows.Tests.Sidecar;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests.Isolation;

/// <summary>A sidecar and callers of different identities: API tokens, or X509-SVIDs over mutual TLS.</summary>
internal sealed class IdentityServer : IAsyncDisposable
{
    private static readonly TrustDomain Domain = TrustDomain.Parse("castellan.local");
    private static readonly SpiffeId Gateway = SpiffeId.ForServiceAccount(Domain, "castellan-system", "gateway");

    private readonly List<Func<ValueTask>> _ends = [];

    public required Func<string, GrpcChannel> ChannelOf { get; init; }

    public static async Task<IdentityServer> WithTokensAsync()
    {
        var server = await SidecarServer.StartAsync();
        var result = new IdentityServer { ChannelOf = server.Channel };
        result._ends.Add(server.DisposeAsync);
        return result;
    }

    /// <summary>As the gateway does it: the hub is the peer's SPIFFE ID.</summary>
    public static async Task<IdentityServer> WithMutualTlsAsync()
    {
        var authority = await Authority.OpenAsync(new() { TrustDomain = Domain }, CancellationToken.None);
        var sidecar = await TestSidecar.StartAsync();
        var ends = new List<Func<ValueTask>>();
        var identity = new AuthorityX509Source(authority, Gateway);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(SpiffeTls.Server(identity, SpiffeAuthorizer.InTrustDomain(Domain)));
        }));
        var app = builder.Build();
        sidecar.Sidecar.MapGrpc(app, http => http.PeerSpiffeId()?.ToString());
        await app.StartAsync();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var result = new IdentityServer
        {
            ChannelOf = name =>
            {
                var source = new AuthorityX509Source(authority, SpiffeId.ForServiceAccount(Domain, "default", $"agent-{name}"));
                ends.Add(source.DisposeAsync);
                return new(SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(Gateway)), address);
            },
        };
        result._ends.AddRange([sidecar.Sidecar.DisposeAsync, app.DisposeAsync, sidecar.DisposeAsync, identity.DisposeAsync, async () =>
        {
            foreach (var end in ends)
            {
                await end();
            }

            authority.Dispose();
        }]);
        return result;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var end in _ends)
        {
            await end();
        }
    }
}
