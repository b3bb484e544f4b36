using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeIdentity.Tests.Soak;

/// <summary>
/// A workload with many identities, each with a listener of its own, that keeps shaking hands with the others: from one of its identities to
/// exactly one of theirs, a new connection each time.
/// </summary>
internal static class WorkloadRole
{
    public static async Task RunAsync(SoakSettings settings, int index)
    {
        await Console.In.ReadLineAsync(); // registered
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await using var source = await WorkloadApiSource.StartAsync(new WorkloadApiClient(WorkloadApiAddress.ForSocket(settings.Socket)), null, patience.Token);
        await using var app = await ListenAsync(settings, index, source);
        settings.Publish(index, app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a).Port));
        using var stop = new CancellationTokenSource();
        var peers = new Peers(settings);
        await ShakeOnceAsync(source, SoakSettings.Id(index, 0), SoakSettings.Id(index, 0), peers.PortOf(index, 0)); // the runtime compiles what it needs now, not in the storm
        var shaking = ShakeAsync(settings, index, source, peers, stop.Token);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line && line != "stop")
        {
            await TellOfTheNextAsync(source, shaking);
        }

        await stop.CancelAsync();
        Console.WriteLine($"shook {await shaking}");
    }

    private static async Task<WebApplication> ListenAsync(SoakSettings settings, int index, IX509Source source)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            for (var i = 0; i < settings.Identities; i++)
            {
                var identity = new SelectedX509Source(source, SoakSettings.Id(index, i));
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(SpiffeTls.Server(identity, SpiffeAuthorizer.InTrustDomain(SoakSettings.Domain))));
            }
        });
        var app = builder.Build();
        app.MapGet("/", (HttpContext context) => context.PeerSpiffeId()!.ToString());
        await app.StartAsync();
        return app;
    }

    private static async Task<int> ShakeAsync(SoakSettings settings, int index, IX509Source source, Peers peers, CancellationToken ct)
    {
        var random = new Random(index);
        for (var count = 0; ; count++)
        {
            var (process, identity) = (random.Next(peers.Count), random.Next(settings.Identities));
            await ShakeOnceAsync(source, SoakSettings.Id(index, count % settings.Identities), SoakSettings.Id(process, identity), peers.PortOf(process, identity));
            try
            {
                await Task.Delay(settings.PaceMilliseconds, ct);
            }
            catch (OperationCanceledException)
            {
                return count + 1;
            }
        }
    }

    // A handshake that fails ends the process, and with it the soak.
    private static async Task ShakeOnceAsync(IX509Source source, SpiffeId own, SpiffeId peer, int port)
    {
        using var http = new HttpClient(SpiffeTls.CreateHandler(new SelectedX509Source(source, own), SpiffeAuthorizer.Exactly(peer)));
        var seen = await http.GetStringAsync($"https://127.0.0.1:{port}/", CancellationToken.None);
        if (seen != own.ToString())
        {
            throw new InvalidOperationException($"{peer} saw {seen} in place of {own}");
        }
    }

    /// <summary>The workloads that listen so far; they start in the order of their numbers.</summary>
    private sealed class Peers(SoakSettings settings)
    {
        private readonly List<int[]> _ports = [];

        public int Count
        {
            get
            {
                while (_ports.Count < settings.Processes && settings.PortsOf(_ports.Count) is { } ports)
                {
                    _ports.Add(ports);
                }

                return _ports.Count;
            }
        }

        public int PortOf(int process, int identity) => process < Count ? _ports[process][identity] : throw new InvalidOperationException($"workload {process} does not listen");
    }

    /// <summary>Says when the SVID was replaced next, or why the handshakes ended.</summary>
    private static async Task TellOfTheNextAsync(IX509Source source, Task shaking)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = source.ChangeToken.RegisterChangeCallback(_ => changed.TrySetResult(), null);
        Console.WriteLine("listening");
        if (await Task.WhenAny(changed.Task, shaking) == shaking)
        {
            await shaking;
        }

        Console.WriteLine("renewed");
    }
}
