using Castellan.AgentApi.V1Alpha1;
using Castellan.Policy.Guards;

namespace Castellan.Policy;

/// <summary>What is looked for in a result, and what then becomes of it.</summary>
/// <param name="Secrets">Of a result with keys, tokens or passwords; absent does not look for them.</param>
/// <param name="Pii">Of one with personal data.</param>
/// <param name="Injections">Of one with text that is written for a model to obey.</param>
public sealed record ResultChecks(FindingAction? Secrets, FindingAction? Pii, FindingAction? Injections)
{
    /// <summary>All that is looked for.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public GuardKinds Kinds => (Secrets is null ? GuardKinds.None : GuardKinds.Secrets) | (Pii is null ? GuardKinds.None : GuardKinds.PersonalData)
        | (Injections is null ? GuardKinds.None : GuardKinds.Injections);

    /// <summary>The kinds of which the findings are taken out.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public GuardKinds Redacted => new[] { GuardKinds.Secrets, GuardKinds.PersonalData, GuardKinds.Injections }.Where(k => On(k) == FindingAction.Redact).Aggregate(GuardKinds.None, (all, k) => all | k);

    /// <summary>What becomes of a result in which something of a kind is found; <see langword="null"/> when that kind is not looked for.</summary>
    public FindingAction? On(GuardKinds kind) => kind switch
    {
        GuardKinds.Secrets => Secrets,
        GuardKinds.PersonalData => Pii,
        GuardKinds.Injections => Injections,
        _ => null,
    };

    /// <summary>What stands in the audit log, one line for each.</summary>
    internal IEnumerable<string> Lines => new[] { (Secrets, "secrets"), (Pii, "personal data"), (Injections, "injected instructions") }
        .Where(c => c.Item1 is not null)
        .Select(c => c.Item1 == FindingAction.Deny ? $"withhold a result with {c.Item2}" : $"{(c.Item1 == FindingAction.Flag ? "flag" : "redact")} {c.Item2} in the result");

    /// <summary>Of several the strictest of each; absent when none is declared.</summary>
    internal static ResultChecks? Of(IReadOnlyList<ResultInspection> declared) => declared.Count == 0 ? null
        : new ResultChecks(declared.Max(d => d.Secrets), declared.Max(d => d.Pii), declared.Max(d => d.Injections));
}
