using System.Collections.Concurrent;
using Castellan.Storage;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>An effect that must not repeat: it counts its key up in a store of its own, guarded by a claim in another.</summary>
internal sealed class CrashEffects(Store claims, Store counters)
{
    public static readonly MigrationSet Claims = new("claim", ["create table claim(key text primary key, outcome text)"]);
    public static readonly MigrationSet Counters = new("counter", ["create table counter(key text primary key, times integer not null)"]);

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _running = new();

    public static async Task<CrashEffects> OpenAsync(CrashSettings settings) =>
        new(await CrashRoles.OpenAsync(settings.Claims, Claims), await CrashRoles.OpenAsync(settings.Counters, Counters));

    public void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, string[]>("five", async (context, number) =>
        {
            var outcomes = new string[CrashSettings.Steps];
            for (var step = 0; step < outcomes.Length; step++)
            {
                outcomes[step] = await context.CallActivityAsync<string>("effect", $"{number}/{step}");
            }

            return outcomes;
        });

        // Delivered again while it runs here, it is the same one; delivered again elsewhere, its outcome is not known there.
        options.RegisterActivity<string, string>("effect", (_, key) => _running.GetOrAdd(key, _ => new(() => RunAsync(key))).Value);
    }

    private async Task<string> RunAsync(string key)
    {
        if (await ClaimAsync(key) is { } known)
        {
            return known;
        }

        await counters.WriteAsync(unit => unit.Execute("insert into counter(key, times) values($1, 1) on conflict(key) do update set times = counter.times + 1", key), CancellationToken.None);
        await claims.WriteAsync(unit => unit.Execute("update claim set outcome = 'done' where key = $1", key), CancellationToken.None);
        return "done";
    }

    /// <returns>Null for the one who may act; else the outcome, or that it is unknown.</returns>
    private Task<string?> ClaimAsync(string key) => claims.WriteAsync(unit =>
        unit.Execute("insert into claim(key) values($1) on conflict(key) do nothing", key) == 1
            ? null
            : unit.First("select outcome from claim where key = $1", row => row.GetStringOrNull(0), key) ?? "unknown", CancellationToken.None);
}
