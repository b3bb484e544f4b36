namespace Castellan.AgentApi.Schema;

/// <summary>The items of a list are told apart by one of their members: it is unique, and an apply merges item by item.</summary>
/// <param name="member">Member name in C#; it must be required.</param>
/// <remarks>Source: Kubernetes, "Merge strategy"; <c>x-kubernetes-list-type: map</c>.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListKeyAttribute(string member) : Attribute
{
    /// <summary>Member name in C#.</summary>
    public string Member { get; } = member;
}
