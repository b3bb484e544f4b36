namespace Castellan.AgentApi;

/// <summary>Whether a fact about an object holds.</summary>
public enum ConditionStatus
{
    /// <summary>It holds.</summary>
    True,

    /// <summary>It does not hold.</summary>
    False,

    /// <summary>It is not known yet.</summary>
    Unknown,
}
