using Castellan.GatewayApi;
using Castellan.SpiffeIdentity;
using Castellan.Workflows;
using Microsoft.Extensions.Hosting;

namespace Castellan.EvilAgent;

/// <summary>Does one attack, with what the pod has: its SVID, its hub, its network and nothing else.</summary>
internal sealed class AttackActivity(GatewayClient gateway, IX509Source identity, DaprWorkflowClient hub, IHostApplicationLifetime lifetime) : WorkflowActivity<AttackOrder, AttackResult>
{
    public const string Name = "Attack";

    private static readonly Dictionary<string, Func<Foothold, Orders, CancellationToken, Task<AttackResult>>> s_attacks = new(StringComparer.Ordinal)
    {
        ["call"] = OrdinaryCall.TryAsync,
        ["bypass"] = GatewayBypass.TryAsync,
        ["forge"] = ForgedIdentity.TryAsync,
        ["impersonate"] = StolenIdentity.TryAsync,
        ["self-approve"] = SelfApproval.TryAsync,
        ["swap"] = SwappedArguments.TryAsync,
        ["replay"] = Replay.TryAsync,
        ["borrow"] = BorrowedAuthority.TryAsync,
        ["rug-pull"] = RugPull.TryAsync,
        ["fetch-inside"] = ForgedRequest.TryAsync,
        ["race"] = BudgetRace.TryAsync,
        ["rewrite"] = HistoryRewrite.TryAsync,
    };

    public override async Task<AttackResult> RunAsync(WorkflowActivityContext context, AttackOrder input)
    {
        var orders = new Orders(input.Run.Message);
        if (!s_attacks.TryGetValue(orders.Attack, out var attack))
        {
            throw new FormatException($"there is no attack '{orders.Attack}'; say one of {string.Join(", ", s_attacks.Keys)}");
        }

        using var foothold = new Foothold(input, gateway, identity, hub);
        return await attack(foothold, orders, lifetime.ApplicationStopping).ConfigureAwait(false);
    }
}
