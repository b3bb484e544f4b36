using System.Net;
using System.Security.Cryptography;
using Castellan.Cli.CommandLine;
using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Cli.Workflows;

/// <summary>The embedded sidecar alone: a store, a listener, and a hub for each token.</summary>
internal sealed class SidecarHost : IAsyncDisposable
{
    private const string TokenHeader = "dapr-api-token";
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly EmbeddedSidecar _sidecar;
    private readonly Store _store;

    private SidecarHost(WebApplication app, EmbeddedSidecar sidecar, Store store) => (_app, _sidecar, _store) = (app, sidecar, store);

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <exception cref="CommandFailure">The port is taken, or the store cannot be used.</exception>
    public static async Task<SidecarHost> StartAsync(SidecarOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken ct)
    {
        var store = await OpenAsync(options, time, ct);
        EmbeddedSidecar? sidecar = null;
        WebApplication? app = null;
        try
        {
            sidecar = await EmbeddedSidecar.StartAsync(store, new EmbeddedSidecarOptions { Clock = time, Loggers = logs, Retention = options.Retention }, ct);
            app = Build(options, sidecar, logs);
            await app.StartAsync(ct);
            return new(app, sidecar, store);
        }
        catch (Exception e)
        {
            await DisposeAsync(app, sidecar, store);
            throw Explained(e, options);
        }
    }

    /// <summary>Ends the streams, so that workers attach elsewhere, finishes what is being written, and closes the store.</summary>
    public ValueTask DisposeAsync() => DisposeAsync(_app, _sidecar, _store);

    private static async ValueTask DisposeAsync(WebApplication? app, EmbeddedSidecar? sidecar, Store store)
    {
        // The sidecar first: its streams and long polls would keep the listener from ending.
        if (sidecar is not null)
        {
            await sidecar.DisposeAsync();
        }
        if (app is not null)
        {
            await app.DisposeAsync();
        }
        await store.DisposeAsync();
    }

    private static async Task<Store> OpenAsync(SidecarOptions options, TimeProvider time, CancellationToken ct)
    {
        try
        {
            return await Store.OpenAsync(new StoreOptions
            {
                Location = options.Store,
                Migrations = [EmbeddedSidecar.Schema],
                SchemaChange = options.AllowSchemaChange ? SchemaChange.OperatorHasBackup : SchemaChange.WithBackup,
                Clock = time,
            }, ct);
        }
        catch (StoreException e)
        {
            throw Explained(e, options);
        }
    }

    private static WebApplication Build(SidecarOptions options, EmbeddedSidecar sidecar, ILoggerFactory logs)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logs);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain);
        builder.WebHost.UseKestrelCore();
        if (options.Certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().Listen(options.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http2; // without TLS there is nothing that could negotiate it
            if (options.Certificate is { } certificate)
            {
                listen.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        app.UseRouting();
        var hubs = options.Tokens.Select(t => (t.Hub, Digest: SidecarToken.Digest(t.Token))).ToList();
        sidecar.MapGrpc(app, context => HubOf(context, hubs));
        app.MapGrpcFallback();
        return app;
    }

    // All are compared, so that the time tells nothing.
    private static string? HubOf(HttpContext context, List<(string Hub, byte[] Digest)> hubs)
    {
        var shown = SidecarToken.Digest(context.Request.Headers[TokenHeader].ToString());
        string? found = null;
        foreach (var (hub, digest) in hubs)
        {
            found = CryptographicOperations.FixedTimeEquals(shown, digest) ? hub : found;
        }
        return found;
    }

    private static Exception Explained(Exception e, SidecarOptions options) => e switch
    {
        IOException { InnerException: AddressInUseException } => new CommandFailure($"{options.Listen} is taken", $"stop what uses it (ss -ltnp 'sport = :{options.Listen.Port}'), or choose another port with --listen", inner: e),
        IOException { InnerException: System.Net.Sockets.SocketException } => new CommandFailure($"{options.Listen} cannot be listened on: {e.InnerException.Message}", "give an address of this machine and a port that is free", inner: e),
        StoreException when e.Message.Split("; ", 2) is [var problem, var remedy] => new CommandFailure(problem, remedy, inner: e),
        StoreException => new CommandFailure(e.Message, "see docs/workflows.md", inner: e),
        _ => e,
    };
}
