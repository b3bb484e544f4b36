namespace Castellan.AgentApi.Schema;

/// <summary>Exactly one of the named members must be set.</summary>
/// <param name="members">Member names in C#.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OneOfAttribute(params string[] members) : Attribute
{
    /// <summary>Member names in C#.</summary>
    public IReadOnlyList<string> Members { get; } = members;
}
