using Castellan.Rpc;
using Castellan.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>What a killed process does: the sidecar, a worker, or both joined in memory. It prints a line for each effect.</summary>
internal static class CrashRoles
{
    public const int Steps = 5;

    public static async Task AllAsync(string folder)
    {
        await using var store = await OpenAsync(Path.Combine(folder, "sidecar.db"), EmbeddedSidecar.Schema);
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { LocalHubs = ["crash"] }, CancellationToken.None);
        var effects = await CrashEffects.OpenAsync(folder);
        var permits = effects.ReadPermitsAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLogging(ToErrors).AddDaprWorkflow(effects.Register).UseInMemory(sidecar.Hub("crash"));
        using var host = builder.Build();
        await host.StartAsync();
        var client = sidecar.Hub("crash").CreateClient();
        await StartMissingAsync(client, 200);
        for (var i = 0; i < 200; i++)
        {
            await client.WaitForWorkflowCompletionAsync("w" + i);
        }

        Console.WriteLine("done");
        await permits;
        await host.StopAsync();
    }

    public static async Task SidecarAsync(string folder, int port)
    {
        await using var store = await OpenAsync(Path.Combine(folder, "sidecar.db"), EmbeddedSidecar.Schema);
        using var loggers = LoggerFactory.Create(ToErrors);
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { Loggers = loggers }, CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().ListenLocalhost(port, listen => listen.Protocols = HttpProtocols.Http2));
        await using var app = builder.Build();
        sidecar.MapGrpc(app, _ => "crash");
        await app.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }

    public static async Task WorkerAsync(string folder, int port)
    {
        var effects = await CrashEffects.OpenAsync(folder);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLogging(ToErrors).AddDaprWorkflow(effects.Register).UseSidecar(_ => new(new Uri($"http://localhost:{port}"), null));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine("ready");
        await effects.ReadPermitsAsync();
    }

    // What a process logged is shown when the test fails over it.
    private static void ToErrors(ILoggingBuilder logging) => logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    public static async Task StartMissingAsync(DaprWorkflowClient client, int count)
    {
        for (var i = 0; i < count; i++)
        {
            try
            {
                await client.ScheduleNewWorkflowAsync("five", "w" + i, i);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists)
            {
                // started before the crash
            }
        }
    }

    public static Task<Store> OpenAsync(string path, MigrationSet schema) => Store.OpenAsync(new() { Location = StoreLocation.Sqlite(path), Migrations = [schema] }, CancellationToken.None);
}
