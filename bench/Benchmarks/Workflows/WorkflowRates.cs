using System.Diagnostics;
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

/// <summary>Durable workflows of two activities: latency one at a time, throughput with 64 at a time, beside the raw cost of the store.</summary>
internal static class WorkflowRates
{
    private const int Warm = 300;
    private const int Sequential = 1000;
    private const int Concurrent = 64;
    private const int Total = 5000;

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("castellan-bench-").FullName;
        try
        {
            await using var store = await Store.OpenAsync(new() { Location = StoreLocation.Sqlite(Path.Combine(folder, "bench.db")), Migrations = [EmbeddedSidecar.Schema, Rows] }, CancellationToken.None);
            await MeasureStoreAsync(store);
            await using var sidecar = await EmbeddedSidecar.StartAsync(store, new(), CancellationToken.None);
            await MeasureAsync("in memory", store, services => services.UseInMemory(sidecar.Hub("memory")));
            await using var app = Serve(sidecar);
            await app.StartAsync();
            var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
            await MeasureAsync("over gRPC", store, services => services.UseSidecar(_ => new(address, null)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static MigrationSet Rows => new("bench", ["create table bench(id integer primary key, data blob)"]);

    private static WebApplication Serve(EmbeddedSidecar sidecar)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        sidecar.MapGrpc(app, _ => "grpc");
        return app;
    }

    private static async Task MeasureStoreAsync(Store store)
    {
        var data = new byte[400];
        async Task OneAsync() => await store.WriteAsync(unit => unit.Insert("insert into bench(data) values($1)", data), CancellationToken.None);
        var (alone, loaded) = await MeasureAsync(OneAsync, store);
        Print("store, one row", alone, loaded, 1);
    }

    private static async Task MeasureAsync(string name, Store store, Action<IServiceCollection> join)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLogging().AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<string, string>("two", async (context, input) =>
                await context.CallActivityAsync<string>("echo", await context.CallActivityAsync<string>("echo", input)));
            options.RegisterActivity<string, string>("echo", (_, input) => Task.FromResult(input));
        });
        join(builder.Services);
        using var host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<DaprWorkflowClient>();
        var (alone, loaded) = await MeasureAsync(async () =>
        {
            var id = await client.ScheduleNewWorkflowAsync("two", null, "payload");
            await client.WaitForWorkflowCompletionAsync(id, getInputsAndOutputs: false);
        }, store);
        Print($"two activities, {name}", alone, loaded, 3);
        await host.StopAsync();
    }

    private static async Task<(List<double> Alone, Load Loaded)> MeasureAsync(Func<Task> one, Store store)
    {
        for (var i = 0; i < Warm; i++)
        {
            await one();
        }

        var alone = new List<double>();
        for (var i = 0; i < Sequential; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await one();
            alone.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var left = Total;
        var before = store.Statistics.Commits;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Concurrent).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await one();
            }
        })));
        alone.Sort();
        return (alone, new(Total / Stopwatch.GetElapsedTime(begun).TotalSeconds, (double)(store.Statistics.Commits - before) / Total));
    }

    private static void Print(string name, List<double> alone, Load loaded, int turns) => Console.WriteLine(
        $"{name,-28} one at a time: p50 {alone[alone.Count / 2]:0.00} ms, p99 {alone[alone.Count * 99 / 100]:0.00} ms; "
        + $"{Concurrent} at a time: {loaded.PerSecond:0}/s, {loaded.PerSecond * turns:0} turns/s, {loaded.CommitsEach:0.00} commits each");

    private sealed record Load(double PerSecond, double CommitsEach);
}
