using System.Net;
using System.Threading.Channels;
using Castellan.ServiceDefaults.Access;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.ServiceDefaults.Tests.Access;

public sealed class RefusedPeerReporterTests
{
    private static readonly RefusedPeer s_evil = new(SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/agent-evil"), new IPEndPoint(IPAddress.Loopback, 5), "only the gateway may connect here");

    [Fact]
    public async Task Reporter_WhenPeersComeAgainAndAgain_CountsThemInOneReport()
    {
        var reports = Channel.CreateUnbounded<RefusedPeerReport>();
        var builder = ServiceHost.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var gateway = builder.Build();
        gateway.MapPost(RefusedPeerReport.Path, async (HttpContext context) => await reports.Writer.WriteAsync((await context.Request.ReadFromJsonAsync<RefusedPeerReport>())!));
        await gateway.StartAsync();
        var address = new Uri(gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        using var reporter = new RefusedPeerReporter(new HttpClient { BaseAddress = address }, TimeProvider.System, NullLogger<RefusedPeerReporter>.Instance);

        reporter.Take(s_evil);
        reporter.Take(s_evil);
        for (var i = 0; i < 100; i++)
        {
            reporter.Take(s_evil with { Reason = $"another {i}" });
        }

        await reporter.StartAsync(default);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var report = await reports.Reader.ReadAsync(patience.Token);
        await reporter.StopAsync(default);

        Assert.Equal(RefusedPeerReport.MostPeers, report.Peers.Count);
        Assert.Equal(new RefusedPeerEntry("spiffe://castellan.local/ns/default/sa/agent-evil", "127.0.0.1", "only the gateway may connect here", 2), report.Peers[0]);
        Assert.Equal(102, report.Peers.Sum(p => p.Times));
    }
}
