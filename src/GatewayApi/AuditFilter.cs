using System.Globalization;

namespace Castellan.GatewayApi;

/// <summary>Which records to list. What is null does not matter; all that is given must match.</summary>
/// <param name="After">Only records after this sequence.</param>
/// <param name="Limit">Most records: 1 to 1000.</param>
/// <param name="RunId">Only records of this run.</param>
/// <param name="CallId">Only records of this call.</param>
/// <param name="Newest">True lists the newest records (in ascending order) instead of the oldest.</param>
public sealed record AuditFilter(long After = 0, int Limit = 100, string? RunId = null, string? CallId = null, bool Newest = false)
{
    /// <summary>Only records that were appended then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only records that were appended before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only records of agents with this name.</summary>
    public string? Agent { get; init; }

    /// <summary>Only records of agents in this namespace; without an agent, of what was called there.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only records of what was done by or for this person.</summary>
    public string? User { get; init; }

    /// <summary>Only records about this tool server.</summary>
    public string? Server { get; init; }

    /// <summary>Only records about this tool, model or agent.</summary>
    public string? Tool { get; init; }

    /// <summary>Only records that say this decision: Allow, Deny, RequireApproval or RequireConfirmation.</summary>
    public string? Decision { get; init; }

    /// <summary>Only records that say this outcome, for example Completed, Failed or Denied.</summary>
    public string? Outcome { get; init; }

    /// <summary>Only records of this kind, for example tool, model or policy.</summary>
    public string? Kind { get; init; }

    /// <summary>Only records of this stage, for example decided or completed.</summary>
    public string? Stage { get; init; }

    /// <summary>How long the gateway waits for a record when there is none, in seconds: 0 to 30.</summary>
    public int WaitSeconds { get; init; }

    internal string ToQuery()
    {
        var fields = new (string Name, string? Value)[]
        {
            ("after", Text(After)), ("limit", Text(Limit)), ("newest", Newest ? "true" : null), ("run", RunId), ("call", CallId), ("since", Text(Since)), ("until", Text(Until)),
            ("agent", Agent), ("namespace", Namespace), ("user", User), ("server", Server), ("tool", Tool), ("decision", Decision), ("outcome", Outcome),
            ("kind", Kind), ("stage", Stage), ("wait", WaitSeconds > 0 ? Text(WaitSeconds) : null),
        };
        return "?" + string.Join('&', fields.Where(f => !string.IsNullOrEmpty(f.Value)).Select(f => $"{f.Name}={Uri.EscapeDataString(f.Value!)}"));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}

/// <summary>A page of the audit log.</summary>
/// <param name="Items">In ascending order.</param>
/// <param name="Next">What to go on after: nothing up to here is left to list.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, long Next);
