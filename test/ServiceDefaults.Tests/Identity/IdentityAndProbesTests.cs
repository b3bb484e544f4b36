using System.Net;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Probes;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.ServiceDefaults.Tests.Identity;

/// <summary>A whole host: probes on one port, mutual TLS on another, its SVID from a real Workload API.</summary>
public sealed class IdentityAndProbesTests : IWorkloadAttestor, IAsyncLifetime
{
    private static readonly SpiffeId s_id = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/tools-cluster");
    private readonly string _socket = Path.Combine(Directory.CreateTempSubdirectory("sd").FullName, "w.sock");
    private Authority _authority = null!;

    public async Task InitializeAsync() => _authority = await Authority.OpenAsync(new() { TrustDomain = s_id.TrustDomain }, default);

    public Task DisposeAsync()
    {
        _authority.Dispose();
        return Task.CompletedTask;
    }

    public ValueTask<IReadOnlyList<WorkloadIdentity>> AttestAsync(WorkloadProcess process, CancellationToken ct) => new([new WorkloadIdentity(s_id)]);

    [Fact]
    public async Task Host_WhenIdentityComes_BecomesReadyAndServesPeers()
    {
        await using var app = Build();
        await app.StartAsync();
        var (probes, mtls) = Addresses(app);
        using var http = new HttpClient();

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(probes, "/healthz"))).StatusCode);
        var early = await http.GetAsync(new Uri(probes, "/readyz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
        Assert.Contains("identity: no X.509-SVID", await early.Content.ReadAsStringAsync());

        await using var server = await WorkloadApiServer.StartAsync(new() { SocketPath = _socket }, _authority, this, null, default);
        await ((WorkloadApiSource)app.Services.GetRequiredService<IX509Source>()).WaitForFirstAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(probes, "/readyz"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(probes, "/peer"))).StatusCode);

        await using var source = new AuthorityX509Source(_authority, SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/gateway"));
        using var peer = new HttpClient(SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(s_id)));
        Assert.Equal(source.Current.Svid.Id.ToString(), await peer.GetStringAsync(new Uri(mtls, "/peer")));
        Assert.Equal(HttpStatusCode.NotFound, (await peer.GetAsync(new Uri(mtls, "/readyz"))).StatusCode);
    }

    private static (Uri Probes, Uri Mtls) Addresses(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        return (addresses.Single(a => a.Scheme == "http"), addresses.Single(a => a.Scheme == "https"));
    }

    private WebApplication Build()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.AddProbes(IPAddress.Loopback, 0)
            .AddWorkloadIdentity(WorkloadApiAddress.ForSocket(_socket))
            .ListenMtls(IPAddress.Loopback, 0, SpiffeAuthorizer.InTrustDomain(s_id.TrustDomain));
        var app = builder.Build();
        app.MapGet("/peer", (HttpContext context) => context.PeerSpiffeId()!.ToString());
        return app;
    }
}
