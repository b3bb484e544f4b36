using Castellan.Rpc;
using Castellan.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>What a killed process does. It says "ready" and works until it is killed or its input ends.</summary>
internal static class CrashRoles
{
    // So short that the dead are taken over, not waited for until they are back.
    private static readonly TimeSpan ReplicaLease = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DatabasePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task SidecarAsync(string folder, int index)
    {
        var settings = CrashSettings.Load(folder);
        await using var store = await OpenAsync(settings.Store, EmbeddedSidecar.Schema);
        using var loggers = LoggerFactory.Create(ToErrors);
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { Loggers = loggers, ReplicaLease = ReplicaLease }, CancellationToken.None);
        var socket = CrashSettings.SocketOf(folder, index);
        File.Delete(socket); // a killed sidecar leaves it
        var builder = WebApplication.CreateSlimBuilder();
        ToErrors(builder.Logging);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2));
        await using var app = builder.Build();
        sidecar.MapGrpc(app, _ => CrashSettings.Hub);
        await app.StartAsync();
        using var worker = settings.Workers == 0
            ? await StartWorkerAsync(settings, services => services.UseInMemory(sidecar.Hub(CrashSettings.Hub)))
            : null;
        await ReadyAsync();
    }

    public static async Task WorkerAsync(string folder, int index)
    {
        var settings = CrashSettings.Load(folder);
        using var worker = await StartWorkerAsync(settings, services =>
            services.UseSidecar(_ => new(new Uri("http://localhost"), CrashSettings.Handler(folder, index, settings.Replicas))));
        await ReadyAsync();
    }

    /// <summary>Opens a store whose server may be on its way back.</summary>
    public static async Task<Store> OpenAsync(string location, MigrationSet schema)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await Store.OpenAsync(new() { Location = StoreLocation.Parse(location), Migrations = [schema] }, CancellationToken.None);
            }
            catch (StoreUnavailableException) when (TimeProvider.System.GetElapsedTime(started) < DatabasePatience)
            {
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private static async Task<IHost> StartWorkerAsync(CrashSettings settings, Action<IServiceCollection> join)
    {
        var effects = await CrashEffects.OpenAsync(settings);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLogging(ToErrors).AddDaprWorkflow(effects.Register);
        join(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    // What a process logged is shown when the test fails over it.
    private static void ToErrors(ILoggingBuilder logging) => logging.ClearProviders().SetMinimumLevel(LogLevel.Warning)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    private static async Task ReadyAsync()
    {
        Console.WriteLine("ready");
        using var input = new StreamReader(Console.OpenStandardInput());
        await input.ReadToEndAsync();
        Environment.Exit(0); // nothing is put in order: whoever comes back must cope
    }
}
