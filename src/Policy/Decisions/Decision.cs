namespace Castellan.Policy;

/// <summary>What policy said to a call, and why. It is recorded with the call and never computed again.</summary>
public sealed record Decision
{
    /// <summary>What happens to the call.</summary>
    public required DecisionEffect Effect { get; init; }

    /// <summary>The policy that decided: namespace/name, or the name of a ClusterAgentPolicy; absent when none did and the call is denied by default.</summary>
    public string? Policy { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>Why, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>What people have to say before the call passes, one for each rule that asks; all of them must be met.</summary>
    public IReadOnlyList<ApprovalDemand> Demands { get; init; } = [];

    /// <summary>How long the demands are waited for, in seconds.</summary>
    public int? ExpiresAfterSeconds { get; init; }

    /// <summary>What happens to a call that passes; absent when nothing does.</summary>
    public Obligations? Obligations { get; init; }

    /// <summary>What would have been decided if the policies in audit mode were enforced; absent when nothing else.</summary>
    public Decision? IfEnforced { get; init; }

    /// <summary>Revision of the policies that decided.</summary>
    public required string Revision { get; init; }
}
