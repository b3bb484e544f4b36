using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>Collects the rules that matched and do not deny.</summary>
internal sealed class DecisionTally(string revision)
{
    private const int DefaultExpirySeconds = 3600;
    private readonly List<CompiledRule> approvals = [];
    private CompiledRule? allow;

    public void Add(CompiledRule rule)
    {
        if (rule.Rule.Effect == PolicyEffect.RequireApproval) approvals.Add(rule);
        else allow ??= rule;
    }

    /// <summary>What the rules say together; null when none matched.</summary>
    public Decision? Decision()
    {
        if ((approvals.FirstOrDefault() ?? allow) is not { } rule) return null;
        var decision = new Decision
        {
            Effect = approvals.Count > 0 ? DecisionEffect.RequireApproval : DecisionEffect.Allow,
            Policy = rule.Policy,
            Rule = rule.Rule.Name,
            Reason = $"rule '{rule.Rule.Name}' of policy {rule.Policy} {(approvals.Count > 0 ? "requires approval" : "allows it")}",
            Revision = revision,
        };
        return approvals.Count == 0 ? decision : decision with
        {
            Approvers = [.. approvals.Select(r => r.Rule.Approvers!)],
            ExpiresAfterSeconds = approvals.Min(r => r.Rule.ExpiresAfterSeconds ?? DefaultExpirySeconds),
        };
    }
}
