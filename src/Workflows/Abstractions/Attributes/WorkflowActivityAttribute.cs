namespace Castellan.Workflows.Abstractions.Attributes;

/// <summary>Names an activity; without it, it is registered under the name of its class.</summary>
/// <param name="name">The name to register; <see langword="null"/>: that of the class.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class WorkflowActivityAttribute(string? name = null) : Attribute
{
    /// <summary>The name to register.</summary>
    public string? Name { get; } = name;
}
