namespace Castellan.Policy;

/// <summary>What policy says to a call.</summary>
public enum DecisionEffect
{
    /// <summary>It is refused.</summary>
    Deny,

    /// <summary>It passes once other principals have approved it, and once the person it is for has confirmed it if a rule asks for that too.</summary>
    RequireApproval,

    /// <summary>It passes once the person it is for has confirmed it.</summary>
    RequireConfirmation,

    /// <summary>It passes.</summary>
    Allow,
}
