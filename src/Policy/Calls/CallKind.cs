namespace Castellan.Policy;

/// <summary>What is called.</summary>
public enum CallKind
{
    /// <summary>A tool of a tool server.</summary>
    Tool,

    /// <summary>A model.</summary>
    Model,
}
