using System.Collections.Immutable;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cel;

namespace Castellan.Policy;

/// <summary>A policy, ready to be asked.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Spec">What was declared.</param>
/// <param name="Rules">Its rules, in the order of the declaration.</param>
internal sealed record CompiledPolicy(string Namespace, string Name, AgentPolicySpec Spec, ImmutableArray<CompiledRule> Rules)
{
    public string Key => $"{Namespace}/{Name}";

    public IEnumerable<PolicyFault> Faults => Rules.Where(r => r.Fault is not null).Select(r => r.Fault!);

    /// <summary>Compiles the rules; a rule that cannot be compiled carries its fault.</summary>
    public static (CompiledPolicy Policy, IReadOnlyList<PolicyFault> Faults) Compile(AgentPolicy policy)
    {
        var (space, name) = (policy.Metadata.Namespace ?? "", policy.Metadata.Name ?? "");
        var faults = new List<PolicyFault>();
        var rules = policy.Spec.Rules.Select(r => Compile($"{space}/{name}", r, faults)).ToImmutableArray();
        foreach (var twice in policy.Spec.Rules.CountBy(r => r.Name).Where(c => c.Value > 1))
        {
            faults.Add(new PolicyFault($"{space}/{name}", twice.Key, null, $"{twice.Value} rules are named '{twice.Key}'", "give each rule a name of its own"));
        }
        var subjects = policy.Spec.Subjects;
        if (subjects.Agents is not { Count: > 0 } && subjects.Users is not { Count: > 0 } && subjects.Groups is not { Count: > 0 })
        {
            faults.Add(new PolicyFault($"{space}/{name}", null, null, "the policy is about nobody", "name agents, users or groups under spec.subjects"));
        }
        return (new CompiledPolicy(space, name, policy.Spec, rules), faults);
    }

    private static CompiledRule Compile(string policy, PolicyRule rule, List<PolicyFault> faults)
    {
        CelProgram? when = null;
        var own = new List<PolicyFault>();
        if (rule.When is { } text && !CallVocabulary.Environment.TryCompile(text, CelType.Bool, out when, out var problems))
        {
            own.AddRange(problems.Select(p => new PolicyFault(policy, rule.Name, $"{p.Line}:{p.Column}", p.Message, p.Remedy)));
        }
        if (rule.Effect == PolicyEffect.RequireApproval && rule.Approvers is not { Users.Count: > 0 } and not { Groups.Count: > 0 })
        {
            own.Add(new PolicyFault(policy, rule.Name, null, "the rule requires approval but nobody may approve", "name users or groups under approvers"));
        }
        faults.AddRange(own);
        return new CompiledRule(policy, rule, when, own.FirstOrDefault());
    }
}
