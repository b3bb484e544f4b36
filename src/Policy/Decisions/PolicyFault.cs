namespace Castellan.Policy;

/// <summary>One thing that is wrong with a policy.</summary>
/// <param name="Policy">The policy, as namespace/name.</param>
/// <param name="Rule">The rule; absent when the fault is in the policy as a whole.</param>
/// <param name="Position">Line and column in the rule's expression, as <c>line:column</c>; absent when the fault is not in the expression.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record PolicyFault(string Policy, string? Rule, string? Position, string Message, string? Remedy)
{
    /// <summary>One line with everything.</summary>
    public override string ToString()
    {
        var where = Rule is null ? $"policy {Policy}" : $"policy {Policy}, rule {Rule}";
        var at = Position is null ? where : $"{where}, at {Position}";
        return Remedy is null ? $"{at}: {Message}" : $"{at}: {Message}; {Remedy}";
    }
}
