using Castellan.Storage;
using Castellan.Storage.Claims;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>A sidecar with a worker, whose one effect never ends. It says what becomes of the orchestration that needs it.</summary>
internal static class ClaimRole
{
    public const string Performing = "performing";
    public const string Effects = "effects";
    public const string Location = "location";

    private const string Instance = "one";

    public static async Task RunAsync(string folder)
    {
        await using var store = await OpenAsync(folder);
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { ReplicaLease = TimeSpan.FromSeconds(2) }, CancellationToken.None);
        var hub = sidecar.Hub(CrashSettings.Hub);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<string, string>("order", async (context, input) =>
            {
                try
                {
                    return await context.CallActivityAsync<string>("pay", input);
                }
                catch (WorkflowTaskFailedException failed) when (failed.FailureDetails.IsCausedBy<OutcomeUnknownException>())
                {
                    return "unknown";
                }
            });
            options.RegisterActivity<string, string>("pay", new Pay(store, folder).RunAsync);
        }).UseInMemory(hub);
        using var host = builder.Build();
        await host.StartAsync();
        var client = hub.CreateClient();
        if (!(await client.GetWorkflowStateAsync(Instance)).Exists)
        {
            await client.ScheduleNewWorkflowAsync("order", Instance, "lamp");
        }

        Console.WriteLine((await client.WaitForWorkflowCompletionAsync(Instance)).ReadOutputAs<string>());
        await Console.In.ReadToEndAsync();
    }

    public static Task<Store> OpenAsync(string folder) => Store.OpenAsync(
        new() { Location = StoreLocation.Parse(File.ReadAllText(Path.Combine(folder, Location))), Migrations = [EmbeddedSidecar.Schema, EffectClaims.Schema] }, CancellationToken.None);

    private sealed class Pay(Store store, string folder) : ClaimedActivity<string, string>(store)
    {
        protected override async Task<string> PerformAsync(WorkflowActivityContext context, string input)
        {
            await File.AppendAllLinesAsync(Path.Combine(folder, Effects), [input]);
            Console.WriteLine(Performing);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
            return "paid";
        }
    }
}
