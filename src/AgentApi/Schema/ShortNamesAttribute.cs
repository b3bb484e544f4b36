namespace Castellan.AgentApi.Schema;

/// <summary>Names under which a kind can be typed besides its plural.</summary>
/// <param name="names">Short names, for example <c>ag</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ShortNamesAttribute(params string[] names) : Attribute
{
    /// <summary>The short names.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}
