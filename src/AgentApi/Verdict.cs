namespace Castellan.AgentApi;

/// <summary>What a decision found about one fact: the part of a condition that a pure function can say.</summary>
/// <param name="Status">Whether the fact holds.</param>
/// <param name="Reason">One CamelCase word to alert on.</param>
/// <param name="Message">What it means and what to do next, for a human.</param>
public sealed record Verdict(ConditionStatus Status, string Reason, string Message)
{
    /// <summary>The fact holds.</summary>
    public static Verdict Yes(string reason, string message) => new(ConditionStatus.True, reason, message);

    /// <summary>The fact does not hold.</summary>
    public static Verdict No(string reason, string message) => new(ConditionStatus.False, reason, message);
}
