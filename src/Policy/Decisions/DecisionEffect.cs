namespace Castellan.Policy;

/// <summary>What policy says to a call.</summary>
public enum DecisionEffect
{
    /// <summary>It is refused.</summary>
    Deny,

    /// <summary>It passes once another principal has approved it.</summary>
    RequireApproval,

    /// <summary>It passes.</summary>
    Allow,
}
