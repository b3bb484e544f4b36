using System.Net;
using System.Net.Sockets;
using Castellan.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>kill -9 in the middle of work: every orchestration ends, and no claimed effect happens twice.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SidecarAndWorkerInOneProcess_WhenKilledTenTimes_EveryOrchestrationEnds()
    {
        var random = new Random(20261121);
        for (var kill = 0; kill < 10; kill++)
        {
            await using var process = ChildProcess.Start("all", _folder.Path);
            await KillAmongAsync(process, random.Next(1, 60));
        }

        await using (var last = ChildProcess.Start("all", _folder.Path))
        {
            await last.PermitAsync(100_000);
            Assert.True(await last.ReadAsync(int.MaxValue));
        }

        await using var store = await CrashRoles.OpenAsync(_folder.File("sidecar.db"), EmbeddedSidecar.Schema);
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new(), CancellationToken.None);
        await AssertOutcomesAsync(sidecar.Hub("crash").CreateClient(), 200);
        Assert.Equal(0, await PendingAsync(store));
    }

    [Fact]
    public async Task SidecarAndWorkerApart_WhenEitherIsKilled_EveryOrchestrationEnds()
    {
        var random = new Random(7);
        var port = FreePort();
        var sidecar = ChildProcess.Start("sidecar", _folder.Path, port.ToString());
        await sidecar.ReadAsync(1);
        var worker = ChildProcess.Start("worker", _folder.Path, port.ToString());
        await worker.ReadAsync(1);
        var services = new ServiceCollection();
        services.AddDaprWorkflow().UseSidecar(_ => new(new Uri($"http://localhost:{port}"), null));
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<DaprWorkflowClient>();
        await CrashRoles.StartMissingAsync(client, 100);
        for (var kill = 0; kill < 6; kill++)
        {
            await worker.PermitAsync(random.Next(1, 40));
            await worker.ReadAsync(1);
            if (kill % 2 == 0)
            {
                await worker.DisposeAsync();
                worker = ChildProcess.Start("worker", _folder.Path, port.ToString());
                await worker.ReadAsync(1);
            }
            else
            {
                await sidecar.DisposeAsync();
                sidecar = ChildProcess.Start("sidecar", _folder.Path, port.ToString());
                await sidecar.ReadAsync(1);
            }
        }

        await worker.PermitAsync(100_000);
        await AssertOutcomesAsync(client, 100);
        await worker.DisposeAsync();
        await sidecar.DisposeAsync();
    }

    // More are permitted than are waited for, so that some are in the middle when the signal comes.
    private static async Task KillAmongAsync(ChildProcess process, int effects)
    {
        await process.PermitAsync(effects + 20);
        Assert.False(await process.ReadAsync(effects), "the work ended before the last kill");
        await process.KillAsync();
    }

    private async Task AssertOutcomesAsync(DaprWorkflowClient client, int count)
    {
        var happened = new Dictionary<string, int>();
        var outcomes = new Dictionary<string, string>();
        for (var i = 0; i < count; i++)
        {
            var state = await client.WaitForWorkflowCompletionAsync("w" + i, cancellation: new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
            Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
            var results = state.ReadOutputAs<string[]>()!;
            for (var step = 0; step < results.Length; step++)
            {
                outcomes.Add($"{i}/{step}", results[step]);
            }
        }

        foreach (var line in await File.ReadAllLinesAsync(CrashEffects.FileOf(_folder.Path)))
        {
            happened[line] = happened.GetValueOrDefault(line) + 1;
        }

        Assert.Equal(count * CrashRoles.Steps, outcomes.Count);
        Assert.All(happened.Values, times => Assert.Equal(1, times));
        Assert.All(outcomes, outcome => Assert.True(outcome.Value == "unknown" || happened.ContainsKey(outcome.Key), $"{outcome.Key} is {outcome.Value} but did not happen"));
    }

    private static Task<long> PendingAsync(Store store) => store.ReadAsync(view => view.First(
        "select (select count(*) from workflow_inbox) + (select count(*) from workflow_activity) + (select count(*) from workflow_timer)", row => row.GetInt64(0)), CancellationToken.None);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
