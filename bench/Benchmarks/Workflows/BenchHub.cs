using System.Net;
using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Benchmarks.Workflows;

/// <summary>A store on disk (synchronous=FULL), an embedded sidecar on it, and workers in memory or over loopback.</summary>
internal sealed class BenchHub : IAsyncDisposable
{
    private static readonly MigrationSet Rows = new("bench", ["create table bench(id integer primary key, data blob)"]);

    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-bench-").FullName;
    private readonly List<IHost> _hosts = [];
    private WebApplication _app = null!;

    public Store Store { get; private set; } = null!;

    public EmbeddedSidecar Sidecar { get; private set; } = null!;

    public string Database => Path.Combine(_folder, "bench.db");

    public static async Task<BenchHub> StartAsync()
    {
        var hub = new BenchHub();
        hub.Store = await Store.OpenAsync(new() { Location = StoreLocation.Sqlite(hub.Database), Migrations = [EmbeddedSidecar.Schema, Rows] }, CancellationToken.None);
        hub.Sidecar = await EmbeddedSidecar.StartAsync(hub.Store, new(), CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        hub._app = builder.Build();
        hub.Sidecar.MapGrpc(hub._app, _ => "grpc");
        await hub._app.StartAsync();
        return hub;
    }

    /// <summary>A worker and its client.</summary>
    public async Task<DaprWorkflowClient> AddWorkerAsync(bool overGrpc, Action<WorkflowRuntimeOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLogging().AddDaprWorkflow(configure);
        var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _ = overGrpc ? builder.Services.UseSidecar(_ => new(address, null)) : builder.Services.UseInMemory(Sidecar.Hub("memory"));
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host.Services.GetRequiredService<DaprWorkflowClient>();
    }

    /// <summary>The raw cost that everything is compared with: one row, one durable commit.</summary>
    public async Task CommitOneAsync() => await Store.WriteAsync(unit => unit.Insert("insert into bench(data) values($1)", new byte[400]), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        await Sidecar.DisposeAsync();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
