using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Testing;
using Castellan.Workflows.Tests.Crashes;

namespace Castellan.Workflows.Tests.Replicas;

/// <summary>kill -9 of replicas, and of the database: every orchestration ends, and no claimed effect happens twice.</summary>
public sealed class ReplicaCrashTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostgresServer _server = null!;
    private string _connection = null!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _connection = await _server.CreateDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public Task Replicas_WhenOneAfterTheOtherIsKilled_LoseAndRepeatNothing() => RunAsync(seed: 20261121, workflows: 60, kills: 4, restarts: 1);

    [Fact]
    [Trait("tier", "soak")]
    public Task Replicas_WhenKilledAllTheTime_LoseAndRepeatNothing() => RunAsync(seed: 7, workflows: 5_000, kills: 50, restarts: 5);

    private async Task RunAsync(int seed, int workflows, int kills, int restarts)
    {
        var random = new Random(seed);
        await using var store = await ReplicaRole.OpenAsync(_connection);
        await using var sidecar = await EmbeddedSidecar.StartAsync(store, new() { ReplicaLease = ReplicaRole.Lease }, CancellationToken.None);
        var client = sidecar.Hub("crash").CreateClient();
        await using var one = ChildProcess.Start("replica", _folder.Path, _connection);
        await using var two = ChildProcess.Start("replica", _folder.Path, _connection);
        await Task.WhenAll(one.ReadyAsync(TestSidecar.Limit()), two.ReadyAsync(TestSidecar.Limit()));
        var starting = StartAllAsync(client, workflows);
        var pause = workflows * ReplicaRole.Steps / (kills + 1);
        for (var kill = 1; kill <= kills; kill++)
        {
            var mark = random.Next((kill - 1) * pause, kill * pause);
            await UntilAsync(async () => await ClaimsAsync(store) >= mark); // not effects: some of them never happen
            var victim = random.Next(2) == 0 ? one : two;
            await victim.KillAsync();
            await victim.ReadyAsync(TestSidecar.Limit());
            if (kill <= restarts)
            {
                await _server.StopAsync(crash: true);
                await _server.RunAgainAsync();
            }
        }

        await starting;
        await AssertOutcomesAsync(client, workflows);
        Assert.Equal(0, await store.ReadAsync(view => view.First(
            "select (select count(*) from workflow_inbox) + (select count(*) from workflow_activity) + (select count(*) from workflow_timer)", row => row.GetInt64(0)), CancellationToken.None));
    }

    private static Task<long> ClaimsAsync(Store store) => store.ReadAsync(view => view.First("select count(*) from effect_claim", row => row.GetInt64(0)), CancellationToken.None);

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await reached())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    private async Task<string[]> EffectsAsync()
    {
        var effects = new List<string>();
        foreach (var path in Directory.GetFiles(_folder.Path, "*.effects"))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            effects.AddRange((await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        return [.. effects];
    }

    // The database may be down, and a start whose answer was lost may have happened.
    private static async Task StartAllAsync(DaprWorkflowClient client, int count)
    {
        for (var i = 0; i < count; i++)
        {
            while (true)
            {
                try
                {
                    await client.ScheduleNewWorkflowAsync("five", "w" + i, i);
                    break;
                }
                catch (RpcException error) when (error.StatusCode == StatusCode.AlreadyExists)
                {
                    break;
                }
                catch (StoreException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
                }
            }
        }
    }

    private async Task AssertOutcomesAsync(DaprWorkflowClient client, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120 + (count / 20)));
        var outcomes = new Dictionary<string, string>();
        for (var i = 0; i < count; i++)
        {
            var state = await client.WaitForWorkflowCompletionAsync("w" + i, cancellation: limit.Token);
            Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
            var results = state.ReadOutputAs<string[]>()!;
            for (var step = 0; step < results.Length; step++)
            {
                outcomes.Add($"{i}/{step}", results[step]);
            }
        }

        var happened = (await EffectsAsync()).GroupBy(line => line).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(count * ReplicaRole.Steps, outcomes.Count);
        Assert.All(happened, effect => Assert.True(effect.Value == 1, $"{effect.Key} happened {effect.Value} times"));
        Assert.All(outcomes, outcome => Assert.True(outcome.Value == "unknown" || happened.ContainsKey(outcome.Key), $"{outcome.Key} is {outcome.Value} but did not happen"));
    }
}
