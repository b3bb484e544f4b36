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
        Console.WriteLine("ready");

        await Console.In.ReadLineAsync(); // all are ready
        using var stop = new CancellationTokenSource();
        var shaking = ShakeAsync(settings, index, source, stop.Token);
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

    private static async Task<int> ShakeAsync(SoakSettings settings, int index, IX509Source source, CancellationToken ct)
    {
        var random = new Random(index);
        var ports = Enumerable.Range(0, settings.Processes).Select(settings.PortsOf).ToArray();
        for (var count = 0; ; count++)
        {
            var own = SoakSettings.Id(index, count % settings.Identities);
            var (process, identity) = (random.Next(settings.Processes), random.Next(settings.Identities));
            using (var http = new HttpClient(SpiffeTls.CreateHandler(new SelectedX509Source(source, own), SpiffeAuthorizer.Exactly(SoakSettings.Id(process, identity)))))
            {
                // A handshake that fails ends the process, and with it the soak.
                var seen = await http.GetStringAsync($"https://127.0.0.1:{ports[process][identity]}/", CancellationToken.None);
                if (seen != own.ToString())
                {
                    throw new InvalidOperationException($"{SoakSettings.Id(process, identity)} saw {seen} in place of {own}");
                }
            }

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
