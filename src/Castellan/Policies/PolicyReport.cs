using Castellan.GatewayApi;

namespace Castellan.Cli.Policies;

/// <summary>What policies in audit mode would have changed, added up by rule.</summary>
internal sealed class PolicyReport
{
    private readonly Dictionary<(string Policy, string Rule, string Would, string Instead), PolicyReportLine> _lines = [];

    /// <summary>One line for each rule and change of effect, the most frequent first.</summary>
    public IReadOnlyList<PolicyReportLine> Lines => [.. _lines.Values.OrderByDescending(line => line.Calls).ThenBy(line => line.Policy, StringComparer.Ordinal)];

    /// <summary>Adds a record of the audit log; those without a change are passed over.</summary>
    public void Add(AuditEntry entry)
    {
        if (entry.Stage != "decided" || entry.Record["why"]?["ifEnforced"] is not { } would)
        {
            return;
        }

        var (policy, rule) = ((string?)would["policy"] ?? "", (string?)would["rule"] ?? "(no rule)");
        var key = (policy, rule, (string?)would["decision"] ?? "", entry.Decision ?? "");
        var line = _lines.GetValueOrDefault(key) ?? new PolicyReportLine(policy, rule, key.Item3, key.Item4, 0, null, entry.Time);
        _lines[key] = line with { Calls = line.Calls + 1, LastCall = entry.CallId, LastAt = entry.Time };
    }
}

/// <summary>What one rule would have changed.</summary>
/// <param name="Policy">The policy that would decide.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Would">What would have been decided.</param>
/// <param name="InsteadOf">What was decided.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="LastCall">The last of them.</param>
/// <param name="LastAt">When it was decided.</param>
internal sealed record PolicyReportLine(string Policy, string Rule, string Would, string InsteadOf, int Calls, string? LastCall, DateTimeOffset LastAt);
