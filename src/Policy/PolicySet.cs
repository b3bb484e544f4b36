using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cel;
using Castellan.Digests;
using Castellan.KubeApi;

namespace Castellan.Policy;

/// <summary>
/// All policies, compiled. Immutable and safe to use from many threads. What no rule allows is denied; Deny beats RequireApproval
/// beats Allow; a rule whose expression fails, or did not compile, denies what its policy covers.
/// </summary>
public sealed class PolicySet
{
    private readonly ImmutableDictionary<string, CompiledPolicy> policies;
    private readonly PolicyIndex index;
    private readonly FrozenSet<string> variables;

    private PolicySet(ImmutableDictionary<string, CompiledPolicy> policies, IReadOnlyList<PolicyFault> faults)
    {
        this.policies = policies;
        Faults = faults;
        index = new PolicyIndex(policies.Values);
        variables = policies.Values.SelectMany(p => p.Rules).SelectMany(VariablesOf).ToFrozenSet(StringComparer.Ordinal);
        Revision = RevisionOf(policies.Values);
    }

    /// <summary>The set without policies: it denies everything.</summary>
    public static PolicySet Empty { get; } = new(ImmutableDictionary<string, CompiledPolicy>.Empty, []);

    /// <summary>Digest of the policies in force, as <c>sha256:</c> and 64 hex digits; equal sets have equal revisions.</summary>
    public string Revision { get; }

    /// <summary>What is wrong with the policies that were given, all of it.</summary>
    public IReadOnlyList<PolicyFault> Faults { get; }

    /// <summary>Number of rules in force.</summary>
    public int RuleCount => policies.Values.Sum(p => p.Rules.Length);

    /// <summary>Compiles policies.</summary>
    /// <param name="policies">All AgentPolicies there are.</param>
    /// <param name="lastGood">The set in force so far.</param>
    public static PolicySet Compile(IEnumerable<AgentPolicy> policies, PolicySet? lastGood = null) => Compile(policies, [], lastGood);

    /// <summary>Compiles policies.</summary>
    /// <param name="policies">All AgentPolicies there are.</param>
    /// <param name="clusterPolicies">All ClusterAgentPolicies there are.</param>
    /// <param name="lastGood">
    /// The set in force so far: a policy that is now faulty stays in force as it was there. Without a good version its faulty rules
    /// deny what the policy covers.
    /// </param>
    public static PolicySet Compile(IEnumerable<AgentPolicy> policies, IEnumerable<ClusterAgentPolicy> clusterPolicies, PolicySet? lastGood = null)
    {
        var compiled = ImmutableDictionary.CreateBuilder<string, CompiledPolicy>();
        var faults = new List<PolicyFault>();
        foreach (var declared in policies.Select(PolicyDeclaration.Of).Concat(clusterPolicies.Select(PolicyDeclaration.Of)).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            var (policy, problems) = CompiledPolicy.Compile(declared);
            faults.AddRange(problems);
            var keep = problems.Count > 0 && lastGood is not null && lastGood.policies.TryGetValue(policy.Key, out var good) && !good.Faults.Any();
            compiled[policy.Key] = keep ? lastGood!.policies[policy.Key] : policy;
        }
        return new PolicySet(compiled.ToImmutable(), faults);
    }

    /// <summary>Whether a rule that is asked about a call reads a variable: what is costly to find out is found out only then.</summary>
    public bool Reads(CallContext call, string variable) =>
        variables.Contains(variable) && index.Covering(call).Any(policy => policy.Rules.Any(rule => VariablesOf(rule).Contains(variable)));

    private static IEnumerable<string> VariablesOf(CompiledRule rule) => rule.When?.Variables ?? Enumerable.Empty<string>();

    /// <summary>Decides on a call.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Decision Decide(CallContext call, CancellationToken ct = default)
    {
        var covering = index.Covering(call);
        CelActivation activation;
        try
        {
            activation = CallVocabulary.Activate(call, isPartial: false);
        }
        catch (FormatException e)
        {
            return Denied(null, null, e.Message);
        }
        var decision = Decide(call, activation, covering, withAudit: false, ct);
        if (!HasAudit(covering)) return decision;
        var ifEnforced = Decide(call, activation, covering, withAudit: true, ct);
        return ifEnforced.Effect == decision.Effect ? decision : decision with { IfEnforced = ifEnforced };
    }

    private Decision Decide(CallContext call, CelActivation activation, IReadOnlyList<CompiledPolicy> covering, bool withAudit, CancellationToken ct)
    {
        var tally = new DecisionTally(Revision);
        var asked = 0;
        foreach (var policy in covering)
        {
            if (policy.Declared.IsAudit && !withAudit) continue;
            asked++;
            foreach (var rule in policy.Rules)
            {
                var match = rule.Match(activation, ct);
                if (match.IsFalse) continue;
                if (!match.IsTrue) return Denied(policy.Key, rule.Rule.Name, $"rule '{rule.Rule.Name}' of policy {policy.Key} failed, so it denies: {(match.IsError ? match.Error.Message : "it depends on something unknown")}");
                if (rule.Rule.Effect == PolicyEffect.Deny) return Denied(policy.Key, rule.Rule.Name, $"rule '{rule.Rule.Name}' of policy {policy.Key} denies it");
                tally.Add(rule);
            }
        }
        if (asked == 0) return Denied(null, null, $"no policy in namespace '{call.Namespace}' covers {Describe.Principal(call)}; add an AgentPolicy that names it under subjects");
        return tally.Decision() ?? Denied(null, null, $"no rule allows {Describe.Call(call)} for {Describe.Principal(call)}; add a rule with effect Allow to one of {string.Join(", ", covering.Select(p => p.Key))}");
    }

    /// <summary>What every rule that covers a call says to it; <see cref="Decide(CallContext, CancellationToken)"/> stops at the first that denies.</summary>
    /// <returns>In the order of policies and rules; empty when no policy covers the call.</returns>
    /// <exception cref="FormatException">The arguments are not an object, or hold a member twice: such a call is denied before any rule is asked.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<RuleTrace> Trace(CallContext call, CancellationToken ct = default)
    {
        var activation = CallVocabulary.Activate(call, isPartial: false);
        return [.. from policy in index.Covering(call) from rule in policy.Rules select Traced(rule, rule.Match(activation, ct))];
    }

    private static RuleTrace Traced(CompiledRule rule, CelValue match) => new(rule.Policy, rule.Rule.Name, rule.Rule.Effect,
        match.IsTrue ? RuleOutcome.Matches : match.IsFalse ? RuleOutcome.DoesNotMatch : RuleOutcome.Fails, match.IsError ? match.Error.Message : null);

    /// <summary>
    /// Whether a call could pass with some arguments at some time: false only when it is certain to be
    /// denied. For hiding tools from a list; the answer holds as long as the <see cref="Revision"/> does.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool MayAllow(CallContext call, CancellationToken ct = default)
    {
        var mayPass = false;
        var activation = CallVocabulary.Activate(call, isPartial: true);
        foreach (var policy in index.Covering(call))
        {
            if (policy.Declared.IsAudit) continue;
            foreach (var rule in policy.Rules)
            {
                var match = rule.Match(activation, ct);
                if (match.IsFalse) continue;
                if (match.IsError || (match.IsTrue && rule.Rule.Effect == PolicyEffect.Deny)) return false;
                mayPass |= rule.Rule.Effect != PolicyEffect.Deny;
            }
        }
        return mayPass;
    }

    private static bool HasAudit(IReadOnlyList<CompiledPolicy> covering)
    {
        foreach (var policy in covering)
        {
            if (policy.Declared.IsAudit) return true;
        }
        return false;
    }

    private Decision Denied(string? policy, string? rule, string reason) =>
        new() { Effect = DecisionEffect.Deny, Policy = policy, Rule = rule, Reason = reason, Revision = Revision };

    private static string RevisionOf(IEnumerable<CompiledPolicy> policies)
    {
        var specs = policies.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Declared);
        return CanonicalJson.Digest(JsonSerializer.SerializeToElement(specs, KubeJson.Options));
    }
}
