namespace Castellan.Policy;

/// <summary>The agent that calls.</summary>
/// <param name="Namespace">Namespace of the Agent.</param>
/// <param name="Name">Name of the Agent.</param>
public sealed record CallAgent(string Namespace, string Name)
{
    /// <summary>Labels of the Agent.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Revision of the Agent that the run was started with.</summary>
    public string? Revision { get; init; }
}
