using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Policy;

namespace Castellan.AgentController.Policies;

/// <summary>What to say about a policy: decided from the policy and what its compiler found.</summary>
/// <param name="Ready">Whether all of its rules compile.</param>
/// <param name="RuleCount">Rules of the last spec that compiled; null if none ever did.</param>
internal sealed record PolicyPlan(Verdict Ready, int? RuleCount)
{
    private const int MostNamed = 5;

    public static PolicyPlan From(AgentPolicy policy, IReadOnlyList<PolicyFault> faults)
    {
        if (faults.Count == 0)
        {
            var count = policy.Spec.Rules.Count;
            return new PolicyPlan(Verdict.Yes("Ready", $"{count} rules are in force"), count);
        }
        var named = string.Join("; ", faults.Take(MostNamed).Select(f => f.ToString()));
        var more = faults.Count > MostNamed ? $"; and {faults.Count - MostNamed} more" : "";
        var inForce = policy.Status?.RuleCount is { } last
            ? $"; the {last} rules that compiled last stay in force"
            : "; until it is corrected the policy denies what it covers";
        return new PolicyPlan(Verdict.No("PolicyInvalid", named + more + inForce), policy.Status?.RuleCount);
    }
}
