namespace Castellan.Workflows.Abstractions;

/// <summary>The name of an orchestration or activity.</summary>
/// <param name="Name">As registered.</param>
public readonly record struct TaskIdentifier(string Name)
{
    /// <summary>From a name.</summary>
    public static implicit operator TaskIdentifier(string name) => new(name);

    /// <summary>To its name.</summary>
    public static implicit operator string(TaskIdentifier identifier) => identifier.Name;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
