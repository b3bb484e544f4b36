using Castellan.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Castellan.Workflows.Tests.Faults;

/// <summary>A sidecar and its worker in a process whose disk the test takes away.</summary>
internal static class DiskRole
{
    private const string Hub = "disk";

    /// <summary>Starts orchestrations until the disk refuses one, says so, and when a line comes proves that nothing it accepted is lost.</summary>
    public static async Task RunAsync(string folder)
    {
        await using var store = await StoreIn(folder);
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { LocalHubs = [Hub] }, CancellationToken.None);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddLogging().AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<string, string>("grow", async (context, text) =>
            {
                var grown = await context.CallActivityAsync<string>("echo", text);
                return grown[..8] + await context.WaitForExternalEventAsync<string>("go");
            });
            options.RegisterActivity<string, string>("echo", (_, text) => Task.FromResult(text));
        }).UseInMemory(sidecar.Hub(Hub));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        var client = sidecar.Hub(Hub).CreateClient();
        var accepted = new List<string>();
        var refusal = await UntilRefusedAsync(client, accepted);
        Console.WriteLine($"full after {accepted.Count}: {refusal.GetType().Name}: {refusal.Message}");
        await Console.In.ReadLineAsync();
        foreach (var id in accepted)
        {
            await client.RaiseEventAsync(id, "go", "!");
        }

        foreach (var id in accepted)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: limit.Token);
            if (state.ReadOutputAs<string>() != $"{id[..8]}!")
            {
                throw new InvalidOperationException($"{id} is {state.RuntimeStatus}: {state.FailureDetails}");
            }
        }

        Console.WriteLine($"done {accepted.Count}");
        await host.StopAsync();
    }

    /// <summary>Opens the store and says what came of it.</summary>
    public static async Task OpenAsync(string folder)
    {
        try
        {
            await using var store = await StoreIn(folder);
            Console.WriteLine("opened");
        }
        catch (StoreException error)
        {
            Console.WriteLine($"{error.GetType().Name}: {error.Message}");
        }
    }

    private static Task<Store> StoreIn(string folder) => Store.OpenAsync(
        new() { Location = StoreLocation.Sqlite(Path.Combine(folder, "store.db")), Migrations = [EmbeddedSidecar.Schema] }, CancellationToken.None);

    private static async Task<StoreException> UntilRefusedAsync(DaprWorkflowClient client, List<string> accepted)
    {
        for (var i = 0; i < 10_000; i++)
        {
            var id = $"{i:00000000}";
            try
            {
                await client.ScheduleNewWorkflowAsync("grow", id, id + new string('x', 50_000));
                accepted.Add(id);
            }
            catch (StoreException error)
            {
                return error;
            }
        }

        throw new InvalidOperationException("the disk did not fill");
    }
}
