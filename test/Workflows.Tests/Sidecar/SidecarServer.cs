using System.Net;
using Castellan.Rpc;
using Castellan.Workflows.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>A sidecar on a real port of loopback; the API token names the hub.</summary>
internal sealed class SidecarServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<IHost> _hosts = [];
    private readonly List<ServiceProvider> _clients = [];

    private SidecarServer(TestSidecar test, WebApplication app)
    {
        Test = test;
        _app = app;
    }

    public TestSidecar Test { get; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<SidecarServer> StartAsync(EmbeddedSidecarOptions? options = null, ILoggerProvider? logs = null)
    {
        var test = await TestSidecar.StartAsync(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        test.Sidecar.MapGrpc(app, context => context.Request.Headers["dapr-api-token"] is [{ } token] ? token : null);
        await app.StartAsync();
        return new(test, app);
    }

    public async Task<IHost> AddWorkerAsync(string token, Action<WorkflowRuntimeOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(Test.Loggers);
        builder.Services.AddDaprWorkflow(configure).UseSidecar(_ => new(Address, null) { ApiToken = token });
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }

    public DaprWorkflowClient Client(string token)
    {
        var provider = new ServiceCollection().AddDaprWorkflow().UseSidecar(_ => new(Address, null) { ApiToken = token }).BuildServiceProvider();
        _clients.Add(provider);
        return provider.GetRequiredService<DaprWorkflowClient>();
    }

    /// <summary>The bare protocol.</summary>
    public GrpcChannel Channel(string? token) => new(new SocketsHttpHandler(), Address, new() { Metadata = token is null ? [] : [new("dapr-api-token", token)] });

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await Test.Sidecar.DisposeAsync();
        await _app.DisposeAsync();
        await Test.DisposeAsync();
    }
}
