using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.KubeApi.Core;

namespace Castellan.Cli.Demo.Evil;

/// <summary>Attacks on who is who: past the gateway, with forged claims, with a neighbour's identity, with another person's authority.</summary>
internal static class IdentityAttacks
{
    private const string Nobody = "unauthenticated";
    private const string ListPods = """call tool=bank__list arguments={"kind":"Pod","namespace":"bank"}""";

    public static async Task BypassAsync(EvilStage stage, CancellationToken ct)
    {
        await stage.AttackAsync(EvilStage.You, $"bypass server={await ToolServerAsync(stage, ct)}:8443", ct);
        await stage.TurnedAwayAsync(EvilStage.SpiffeId, "only spiffe://castellan.local/ns/castellan-system/sa/gateway may connect here", ct);
        await stage.TurnedAwayAsync(Nobody, "showed no certificate", ct);
        await stage.RecordAsync("a forged certificate turned away", r => r.Kind == "access" && r.Principal == Nobody && !EvilStage.ReasonOf(r).Contains("no certificate", StringComparison.Ordinal), ct);
        await stage.ControlAsync(EvilStage.You, ListPods, ct);
    }

    public static async Task ForgeAsync(EvilStage stage, CancellationToken ct)
    {
        await stage.AttackAsync(EvilStage.You, "forge", ct);
        foreach (var header in new[] { "X-Forwarded-Client-Cert", "Impersonate-User", "Authorization" })
        {
            await stage.TurnedAwayAsync(EvilStage.SpiffeId, $"header '{header}' claims an identity", ct);
        }

        await stage.DeniedAsync(EvilStage.Agent, "no-secrets", EvilStage.You, ct); // as itself, for its user, whatever it wrote
    }

    public static async Task ImpersonateAsync(EvilStage stage, CancellationToken ct)
    {
        var neighbour = await stage.StartAsync(EvilStage.You, "clerk", "hello", ct);
        await stage.AnswerAsync(EvilStage.You, neighbour, ct);
        await stage.AttackAsync(EvilStage.You, $"impersonate agent=clerk run={neighbour}", ct);
        await stage.TurnedAwayAsync("process of default/agent-evil", "is not the first process that Castellan put there", ct);
        await stage.TurnedAwayAsync(EvilStage.SpiffeId, "header 'taskhub' claims an identity", ct);
        await stage.TurnedAwayAsync(EvilStage.SpiffeId, $"no open run '{neighbour}'", ct);
    }

    /// <param name="stage">Where it is played.</param>
    /// <param name="ownersRun">A run that the owner of the rates had with the same agent.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task BorrowAsync(EvilStage stage, string ownersRun, CancellationToken ct)
    {
        await stage.AttackAsync(EvilStage.Approver, $"borrow owner={EvilStage.You} run={ownersRun}", ct);
        await stage.DeniedAsync(EvilStage.Agent, "rates-are-private", EvilStage.Approver, ct);
        await stage.TurnedAwayAsync(EvilStage.SpiffeId, $"no open run '{ownersRun}'", ct);
        await stage.ControlAsync(EvilStage.You, """call tool=bank__get arguments={"kind":"ConfigMap","name":"rates","namespace":"bank"}""", ct);
    }

    // No secret: every pod can find its neighbours' addresses. What counts is who may connect.
    private static async Task<string> ToolServerAsync(EvilStage stage, CancellationToken ct)
    {
        using var cluster = ClusterAccess.Open(CastellanCommand.Create().Parse(["status", "--state", stage.Stage.Paths.Root]));
        var pods = await cluster.Connection.ListAsync<Pod>("default", ct: ct);
        return pods.Items.FirstOrDefault(p => p.Metadata.Name!.StartsWith("tools-bank-", StringComparison.Ordinal) && p.Status?.PodIP is { Length: > 0 })?.Status!.PodIP
            ?? throw new CommandFailure("tool server bank has no pod", "run the demo again with --keep and look at 'castellan get pods'");
    }
}
