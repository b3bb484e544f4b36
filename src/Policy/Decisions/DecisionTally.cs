using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>Collects the rules that matched and do not deny.</summary>
internal sealed class DecisionTally(string revision)
{
    private const int DefaultExpirySeconds = 3600;
    private readonly List<CompiledRule> asking = [];
    private CompiledRule? allow;
    private List<RuleObligations>? obligations;

    public void Add(CompiledRule rule)
    {
        if (rule.Rule.Obligations is { } declared) (obligations ??= []).Add(declared);
        if (rule.Rule.Effect == PolicyEffect.Allow) allow ??= rule;
        else asking.Add(rule);
    }

    /// <summary>What the rules say together; null when none matched.</summary>
    public Decision? Decision() => asking.Count > 0 ? Asked() : allow is null ? null : Of(DecisionEffect.Allow, allow, "allows it");

    // An approval asks for more than a confirmation: when rules ask for both, it names the decision.
    private Decision Asked()
    {
        var approval = asking.Find(r => r.Rule.Effect == PolicyEffect.RequireApproval);
        var decision = approval is not null
            ? Of(DecisionEffect.RequireApproval, approval, "requires approval")
            : Of(DecisionEffect.RequireConfirmation, asking[0], "requires a confirmation by the person it is for");
        return decision with
        {
            Demands = [.. asking.Select(ApprovalDemand.Of)],
            ExpiresAfterSeconds = asking.Min(r => r.Rule.ExpiresAfterSeconds ?? DefaultExpirySeconds),
        };
    }

    private Decision Of(DecisionEffect effect, CompiledRule rule, string does) => new()
    {
        Effect = effect,
        Policy = rule.Policy,
        Rule = rule.Rule.Name,
        Reason = $"rule '{rule.Rule.Name}' of policy {rule.Policy} {does}",
        Obligations = obligations is null ? null : Obligations.Of(obligations),
        Revision = revision,
    };
}
