using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer;

/// <summary>One HTTPS listener of the server, which has the server's own SVID to prove it by.</summary>
internal sealed class ServerEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly AuthorityX509Source _source;

    private ServerEndpoint(WebApplication app, AuthorityX509Source source)
    {
        (_app, _source) = (app, source);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it.</summary>
    /// <param name="authority">Issues the SVID.</param>
    /// <param name="id">The server's own ID.</param>
    /// <param name="listen">Where and how it listens.</param>
    /// <param name="map">What it answers.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<ServerEndpoint> StartAsync(
        Authority authority, SpiffeId id, Action<KestrelServerOptions, IX509Source> listen, Action<WebApplication> map, ILoggerFactory loggers, CancellationToken ct)
    {
        var source = new AuthorityX509Source(authority, id);
        try
        {
            var builder = ServiceHost.CreateBuilder();
            builder.Services.AddSingleton(loggers);
            builder.WebHost.ConfigureKestrel(kestrel => listen(kestrel, source));
            var app = builder.Build();
            map(app);
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
