using Castellan.Storage;
using Castellan.Storage.Claims;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>What must hold when the dead have stopped dying.</summary>
internal static class CrashVerdict
{
    public static async Task<int> CheckAsync(CrashRun run, CrashSettings settings, int orchestrations)
    {
        var outcomes = new Dictionary<string, string>();
        Assert.Equal(orchestrations, run.States.Count);
        foreach (var (number, state) in run.States)
        {
            Assert.True(state.RuntimeStatus == WorkflowRuntimeStatus.Completed, $"w{number} is {state.RuntimeStatus}: {state.FailureDetails}");
            var steps = state.ReadOutputAs<string[]>()!;
            for (var step = 0; step < CrashSettings.Steps; step++)
            {
                outcomes.Add($"{number}/{step}", steps[step]);
            }
        }

        var happened = await ReadAsync(settings.Counters, CrashEffects.Counters, "select key, times from counter", row => row.GetInt64(1));
        var claimed = await ReadAsync(settings.Claims, EffectClaims.Schema, $"select substr(key, {CrashEffects.Prefix.Length + 1}), outcome from effect_claim", row => row.GetStringOrNull(1));
        Assert.DoesNotContain(happened, one => one.Value != 1);
        Assert.Empty(happened.Keys.Except(claimed.Keys));
        Assert.Equal(outcomes.Keys.Order(), claimed.Keys.Order());
        Assert.DoesNotContain(outcomes, one => one.Value is not ("done" or "unknown"));
        Assert.DoesNotContain(outcomes, one => one.Value == "done" && !happened.ContainsKey(one.Key)); // what is said to be done was done
        Assert.DoesNotContain(claimed, one => one.Value is null && outcomes[one.Key] == "done"); // what a crash cut off is not said to be done
        await AssertNothingPendsAsync(settings.Store, orchestrations);
        return outcomes.Values.Count(outcome => outcome == "unknown");
    }

    private static async Task AssertNothingPendsAsync(string location, int orchestrations)
    {
        await using var store = await CrashRoles.OpenAsync(location, EmbeddedSidecar.Schema);
        var counts = await store.ReadAsync(view => new[] { "workflow_instance", "workflow_inbox", "workflow_activity", "workflow_timer" }
            .Select(table => view.First($"select count(*) from {table}", row => row.GetInt64(0))).ToArray(), CancellationToken.None);
        Assert.Equal([orchestrations, 0, 0, 0], counts);
    }

    private static async Task<Dictionary<string, T>> ReadAsync<T>(string location, MigrationSet schema, string query, Func<SqlRow, T> value)
    {
        await using var store = await CrashRoles.OpenAsync(location, schema);
        var rows = await store.ReadAsync(view => view.Query(query, row => (Key: row.GetString(0), Value: value(row))), CancellationToken.None);
        return rows.ToDictionary(row => row.Key, row => row.Value);
    }
}
