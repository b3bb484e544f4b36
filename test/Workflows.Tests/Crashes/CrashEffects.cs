using Castellan.Storage;
using Castellan.Storage.Claims;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>An effect that must not repeat: it counts its key up in a store of its own, guarded by a claim in another.</summary>
internal sealed class CrashEffects(Store claims, Store counters) : ClaimedActivity<string, string>(claims)
{
    public const string Prefix = "effect/";

    public static readonly MigrationSet Counters = new("counter", ["create table counter(key text primary key, times integer not null)"]);

    public static async Task<CrashEffects> OpenAsync(CrashSettings settings) =>
        new(await CrashRoles.OpenAsync(settings.Claims, EffectClaims.Schema), await CrashRoles.OpenAsync(settings.Counters, Counters));

    public void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, string[]>("five", async (context, number) =>
        {
            var outcomes = new string[CrashSettings.Steps];
            for (var step = 0; step < outcomes.Length; step++)
            {
                try
                {
                    outcomes[step] = await context.CallActivityAsync<string>("effect", $"{number}/{step}");
                }
                catch (WorkflowTaskFailedException failed) when (failed.FailureDetails.IsCausedBy<OutcomeUnknownException>())
                {
                    outcomes[step] = "unknown";
                }
            }

            return outcomes;
        });
        options.RegisterActivity<string, string>("effect", RunAsync);
    }

    protected override string KeyOf(WorkflowActivityContext context, string key) => key;

    protected override async Task<string> PerformAsync(WorkflowActivityContext context, string key)
    {
        await counters.WriteAsync(unit => unit.Execute("insert into counter(key, times) values($1, 1) on conflict(key) do update set times = counter.times + 1", key), CancellationToken.None);
        return "done";
    }
}
