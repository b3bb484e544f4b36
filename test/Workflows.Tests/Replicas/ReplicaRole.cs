using System.Text;
using Castellan.Storage;
using Castellan.Storage.Claims;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests.Replicas;

/// <summary>A replica with its worker as a process of its own, which crash tests kill.</summary>
internal static class ReplicaRole
{
    public const int Steps = 5;

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(string folder, string connection)
    {
        await using var store = await OpenAsync(connection);
        using var loggers = LoggerFactory.Create(logging => logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { ReplicaLease = Lease, Loggers = loggers }, CancellationToken.None);
        using var effects = new FileStream(Path.Combine(folder, $"{Environment.ProcessId}.effects"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddDaprWorkflow(options => Register(options, store, effects)).UseInMemory(sidecar.Hub("crash"));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
    }

    public static Task<Store> OpenAsync(string connection) =>
        Store.OpenAsync(new() { Location = StoreLocation.Postgres(connection), Migrations = [EmbeddedSidecar.Schema, EffectClaims.Schema] }, CancellationToken.None);

    private static void Register(WorkflowRuntimeOptions options, Store store, FileStream effects)
    {
        options.RegisterWorkflow<int, string[]>("five", async (context, number) =>
        {
            var outcomes = new string[Steps];
            for (var step = 0; step < outcomes.Length; step++)
            {
                try
                {
                    outcomes[step] = await context.CallActivityAsync<string>("append", $"{number}/{step}");
                }
                catch (WorkflowTaskFailedException failed) when (failed.FailureDetails.IsCausedBy<OutcomeUnknownException>())
                {
                    outcomes[step] = "unknown";
                }
            }

            return outcomes;
        });
        options.RegisterActivity<string, string>("append", new Append(store, effects).RunAsync);
    }

    private sealed class Append(Store store, FileStream effects) : ClaimedActivity<string, string>(store)
    {
        protected override async Task<string> PerformAsync(WorkflowActivityContext context, string input)
        {
            lock (effects) // activities run at the same time, and the stream keeps its own position
            {
                effects.Write(Encoding.ASCII.GetBytes(input + "\n"));
            }

            await Task.Yield();
            return "done";
        }
    }
}
