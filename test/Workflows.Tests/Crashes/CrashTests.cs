using System.Diagnostics;
using Castellan.Storage;
using Castellan.Testing;
using Xunit.Abstractions;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>
/// Sidecars and workers are killed with kill -9 in the middle of work, and once the database of replicas: every orchestration ends, no claimed effect
/// happens twice, and every outcome is known or said to be unknown.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostgresServer? _mortal;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_mortal is not null)
        {
            await _mortal.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [InlineData(StoreKind.Sqlite, 1, 0)]
    [InlineData(StoreKind.Sqlite, 1, 1)]
    [InlineData(StoreKind.Postgres, 1, 2)]
    [InlineData(StoreKind.Postgres, 2, 2)]
    public Task Processes_WhenKilledAtRandom_LoseAndRepeatNothing(StoreKind kind, int replicas, int workers) => RunAsync(kind, replicas, workers, 300, 8, seed: 20261121);

    [Theory]
    [Trait("tier", "soak")]
    [InlineData(StoreKind.Sqlite, 1, 0)]
    [InlineData(StoreKind.Sqlite, 1, 1)]
    [InlineData(StoreKind.Postgres, 1, 2)]
    [InlineData(StoreKind.Postgres, 2, 2)]
    public Task Processes_WhenKilledFiftyTimesUnderTenThousandOrchestrations_LoseAndRepeatNothing(StoreKind kind, int replicas, int workers) =>
        RunAsync(kind, replicas, workers, 10_000, 55, seed: 7);

    private async Task RunAsync(StoreKind kind, int replicas, int workers, int orchestrations, int kills, int seed)
    {
        var watch = Stopwatch.StartNew();
        if (replicas > 1)
        {
            _mortal = await PostgresServer.StartAsync();
        }

        // The counters are the world outside, which does not fall with the database.
        var settings = new CrashSettings(await LocationAsync(kind, "sidecar", _mortal), await LocationAsync(kind, "claims", _mortal), await LocationAsync(kind, "counters", null), replicas, workers);
        await using var run = new CrashRun(_folder.Path, settings, seed) { RestartDatabase = _mortal is null ? null : RestartAsync };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120 + (orchestrations / 10)));
        try
        {
            await run.RunAsync(orchestrations, kills, limit.Token);
        }
        catch (Exception error)
        {
            var missing = Enumerable.Range(0, orchestrations).Where(number => !run.States.ContainsKey(number)).ToList();
            Assert.Fail($"after {run.Kills} kills {missing.Count} have not ended: {string.Join(' ', missing.Take(20))}\n{error}\n{await run.EndAsync()}");
        }

        await run.EndAsync();
        Assert.True(run.Kills >= kills, $"{run.Kills} kills");
        var unknown = await CrashVerdict.CheckAsync(run, settings, orchestrations);
        output.WriteLine($"{orchestrations} orchestrations of {CrashSettings.Steps} steps, {run.Kills} kills, {unknown} outcomes unknown, {watch.Elapsed.TotalSeconds:0} s");
    }

    private async Task RestartAsync()
    {
        await _mortal!.StopAsync(crash: true);
        await _mortal.RunAgainAsync();
    }

    private async Task<string> LocationAsync(StoreKind kind, string name, PostgresServer? server) => kind == StoreKind.Sqlite
        ? $"sqlite:{_folder.File(name + ".db")}"
        : "postgres:" + await (server ?? await PostgresServer.SharedAsync()).CreateDatabaseAsync();
}
