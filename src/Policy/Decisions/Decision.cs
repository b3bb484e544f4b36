using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>What policy said to a call, and why. It is recorded with the call and never computed again.</summary>
public sealed record Decision
{
    /// <summary>What happens to the call.</summary>
    public required DecisionEffect Effect { get; init; }

    /// <summary>The policy that decided, as namespace/name; absent when none did and the call is denied by default.</summary>
    public string? Policy { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>Why, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>Who may approve: the approver must be named by each of the sets, one per rule that asks for approval.</summary>
    public IReadOnlyList<ApproverSet> Approvers { get; init; } = [];

    /// <summary>How long an approval is waited for, in seconds.</summary>
    public int? ExpiresAfterSeconds { get; init; }

    /// <summary>Revision of the policies that decided.</summary>
    public required string Revision { get; init; }
}
