using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.ServiceDefaults.Probes;

/// <summary>Serves the metrics of a process that has no probes, on loopback.</summary>
public sealed class MetricsHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MetricsHost(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Begins to collect and to serve.</summary>
    /// <param name="port">0 takes any free port.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static Task<MetricsHost> StartAsync(int port, CancellationToken ct) => StartAsync(port, null, ct);

    internal static async Task<MetricsHost> StartAsync(int port, string? tokenFile, CancellationToken ct)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.AddProbes(IPAddress.Loopback, port);
        if (tokenFile is not null) builder.Configuration[MetricsPage.TokenFileSetting] = tokenFile;
        var app = builder.Build();
        try
        {
            await app.StartAsync(ct).ConfigureAwait(false);
            return new(app);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
