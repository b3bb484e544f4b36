namespace Castellan.Policy;

/// <summary>What an agent did before in the conversation that a call belongs to.</summary>
public sealed record CallSession
{
    /// <summary>Id of the conversation.</summary>
    public string Id { get; init; } = "";

    /// <summary>Tool calls that policy let pass, and those that wait for an approval.</summary>
    public long Calls { get; init; }

    /// <summary>Those of them that change something.</summary>
    public long Writes { get; init; }

    /// <summary>Calls that were denied or refused.</summary>
    public long Denied { get; init; }

    /// <summary>Model calls.</summary>
    public long Models { get; init; }

    /// <summary>How often each tool was called, of <see cref="Calls"/>, by <c>server__tool</c>.</summary>
    public IReadOnlyDictionary<string, long> Tools { get; init; } = new Dictionary<string, long>();
}
