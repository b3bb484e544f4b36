namespace Castellan.SpiffeIdentity;

/// <summary>When a signing key is followed by the next: prepared at half life, active with a sixth left.</summary>
/// <remarks>
/// Between the two moments the next key is published and unused, so that everyone who verifies knows it before it signs.
/// </remarks>
/// <param name="NotBefore">Start of the key's validity.</param>
/// <param name="NotAfter">End of the key's validity.</param>
internal readonly record struct CaLifetime(DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    private TimeSpan Length => NotAfter - NotBefore;

    /// <summary>When the next key must be there.</summary>
    public DateTimeOffset PrepareNextAt => NotBefore + (Length / 2);

    /// <summary>When the next key takes over.</summary>
    public DateTimeOffset ActivateNextAt => NotAfter - (Length / 6);
}
