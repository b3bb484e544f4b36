namespace Castellan.AgentApi.Schema;

/// <summary>Limits the name of an object beyond what Kubernetes asks.</summary>
/// <param name="maxLength">Most characters.</param>
/// <param name="pattern">Regular expression that the whole name matches.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ObjectNameAttribute(int maxLength, string pattern) : Attribute
{
    /// <summary>Most characters.</summary>
    public int MaxLength { get; } = maxLength;

    /// <summary>Regular expression that the whole name matches.</summary>
    public string Pattern { get; } = pattern;
}
