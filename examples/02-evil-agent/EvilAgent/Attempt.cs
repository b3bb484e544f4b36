namespace Castellan.EvilAgent;

/// <summary>One thing that the agent tried, as it saw it.</summary>
/// <param name="Tried">What.</param>
/// <param name="GotThrough">True if it did what it was not to do.</param>
/// <param name="Answer">What came back.</param>
public sealed record Attempt(string Tried, bool GotThrough, string Answer);

/// <summary>What an attack came to so far.</summary>
/// <param name="Attempts">What was tried.</param>
public sealed record AttackResult(IReadOnlyList<Attempt> Attempts)
{
    /// <summary>The attack goes on once this call, which waits for an approval, has ended; null when it is over.</summary>
    public string? GoesOnAfter { get; init; }
}
