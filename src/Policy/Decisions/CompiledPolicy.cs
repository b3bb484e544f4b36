using System.Collections.Immutable;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cel;

namespace Castellan.Policy;

/// <summary>A policy, ready to be asked.</summary>
/// <param name="Declared">What was declared.</param>
/// <param name="Rules">Its rules, in the order of the declaration.</param>
internal sealed record CompiledPolicy(PolicyDeclaration Declared, ImmutableArray<CompiledRule> Rules)
{
    public string Key => Declared.Key;

    public IEnumerable<PolicyFault> Faults => Rules.Where(r => r.Fault is not null).Select(r => r.Fault!);

    /// <summary>Compiles the rules; a rule that cannot be compiled carries its fault.</summary>
    public static (CompiledPolicy Policy, IReadOnlyList<PolicyFault> Faults) Compile(PolicyDeclaration policy)
    {
        var faults = new List<PolicyFault>();
        var rules = policy.Rules.Select(r => Compile(policy.Key, r, faults)).ToImmutableArray();
        foreach (var twice in policy.Rules.CountBy(r => r.Name).Where(c => c.Value > 1))
        {
            faults.Add(new PolicyFault(policy.Key, twice.Key, null, $"{twice.Value} rules are named '{twice.Key}'", "give each rule a name of its own"));
        }
        if (policy.Subjects is not { Agents.Count: > 0 } and not { SpiffeIds.Count: > 0 } and not { Users.Count: > 0 } and not { Groups.Count: > 0 })
        {
            faults.Add(new PolicyFault(policy.Key, null, null, "the policy is about nobody", "name agents, spiffeIds, users or groups under spec.subjects"));
        }
        return (new CompiledPolicy(policy, rules), faults);
    }

    private static CompiledRule Compile(string policy, PolicyRule rule, List<PolicyFault> faults)
    {
        CelProgram? when = null;
        var own = new List<PolicyFault>();
        if (rule.When is { } text && !CallVocabulary.Environment.TryCompile(text, CelType.Bool, out when, out var problems))
        {
            own.AddRange(problems.Select(p => new PolicyFault(policy, rule.Name, $"{p.Line}:{p.Column}", p.Message, p.Remedy)));
        }
        own.AddRange(FaultsOfApprovers(policy, rule));
        if (rule.Obligations is { } obligations)
        {
            own.AddRange(Obligations.FaultsOf(obligations).Select(f => new PolicyFault(policy, rule.Name, null, f.Problem, f.Remedy)));
            if (rule.Effect == PolicyEffect.Deny) own.Add(new PolicyFault(policy, rule.Name, null, "the rule denies, so nothing is left to be obliged to", "move the obligations to a rule that lets the call pass"));
        }
        faults.AddRange(own);
        return new CompiledRule(policy, rule, when, own.FirstOrDefault());
    }

    private static IEnumerable<PolicyFault> FaultsOfApprovers(string policy, PolicyRule rule)
    {
        if (rule.Effect != PolicyEffect.RequireApproval)
        {
            return rule.Approvers is null ? [] : [new PolicyFault(policy, rule.Name, null, $"the rule names approvers, but its effect is {rule.Effect}", "make the effect RequireApproval, or leave approvers out")];
        }
        if (rule.Approvers is not { Users.Count: > 0 } and not { Groups.Count: > 0 } and not { When: not null })
        {
            return [new PolicyFault(policy, rule.Name, null, "the rule requires approval but nobody may approve", "name users or groups under approvers, or say with approvers.when who may")];
        }
        return rule.Approvers.When is not { } text ? []
            : ApproverCondition.Check(text).Select(p => new PolicyFault(policy, rule.Name, $"{p.Line}:{p.Column}", $"in approvers.when: {p.Message}", p.Remedy));
    }
}
