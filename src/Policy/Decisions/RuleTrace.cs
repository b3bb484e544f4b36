using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>What one rule said to a call, for people who write policies.</summary>
/// <param name="Policy">Its policy, as namespace/name.</param>
/// <param name="Rule">Its name.</param>
/// <param name="Effect">What it does to a call it matches.</param>
/// <param name="Outcome">Whether it matched.</param>
/// <param name="Problem">What failed, with line and column in the condition; absent unless it failed.</param>
public sealed record RuleTrace(string Policy, string Rule, PolicyEffect Effect, RuleOutcome Outcome, string? Problem);

/// <summary>Whether a rule matched a call.</summary>
public enum RuleOutcome
{
    /// <summary>Its condition is false.</summary>
    DoesNotMatch,

    /// <summary>Its condition is true, or it has none.</summary>
    Matches,

    /// <summary>Its condition failed, so it denies.</summary>
    Fails,
}
