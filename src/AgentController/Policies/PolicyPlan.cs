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

    /// <param name="count">Rules of the spec.</param>
    /// <param name="status">What was said of it last.</param>
    /// <param name="faults">What the compiler found.</param>
    public static PolicyPlan From(int count, AgentPolicyStatus? status, IReadOnlyList<PolicyFault> faults)
    {
        if (faults.Count == 0)
        {
            return new PolicyPlan(Verdict.Yes("Ready", $"{count} rules are in force"), count);
        }
        var named = string.Join("; ", faults.Take(MostNamed).Select(f => f.ToString()));
        var more = faults.Count > MostNamed ? $"; and {faults.Count - MostNamed} more" : "";
        var inForce = status?.RuleCount is { } last
            ? $"; the {last} rules that compiled last stay in force"
            : "; until it is corrected the policy denies what it covers";
        return new PolicyPlan(Verdict.No("PolicyInvalid", named + more + inForce), status?.RuleCount);
    }
}
