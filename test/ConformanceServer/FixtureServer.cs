using System.Net;
using System.Security.Claims;
using Castellan.ConformanceServer.Fixture;
using Castellan.ServiceDefaults.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer;

/// <summary>The server that the MCP conformance suite examines: our host, and the tools, resources and prompts the suite asks for.</summary>
public sealed class FixtureServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly McpHttpHost _mcp;

    private FixtureServer(WebApplication app, McpHttpHost mcp)
    {
        (_app, _mcp) = (app, mcp);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/mcp");
    }

    /// <summary>The MCP endpoint.</summary>
    public Uri Address { get; }

    /// <summary>Starts a server on loopback.</summary>
    /// <param name="port">Port; 0 takes a free one.</param>
    /// <param name="resumable">True keeps events for clients that come back with <c>Last-Event-ID</c>; false answers in plain JSON where it can.</param>
    public static async Task<FixtureServer> StartAsync(int port = 0, bool resumable = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var user = new ClaimsPrincipal(new ClaimsIdentity("loopback"));
        var options = new McpHttpOptions
        {
            Authenticate = (_, _) => ValueTask.FromResult(McpAuthentication.Accept(user, "loopback")),
            EventStore = resumable ? new DistributedCacheEventStreamStore(Options.Create(new DistributedCacheEventStreamStoreOptions { Cache = Cache() })) : null,
        };
        var mcp = new McpHttpHost(ServerDefinition.Create(), options, app.Services.GetRequiredService<ILoggerFactory>(), app.Services, TimeProvider.System);
        mcp.Map(app, "/mcp");
        await app.StartAsync();
        return new FixtureServer(app, mcp);
    }

    /// <summary>Completes when the process is told to stop.</summary>
    public Task StoppedAsync() => _app.WaitForShutdownAsync();

    /// <summary>Stops it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _mcp.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static MemoryDistributedCache Cache() => new(Options.Create(new MemoryDistributedCacheOptions()));
}
