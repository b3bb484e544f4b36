namespace Castellan.SpiffeIdentity;

/// <summary>An operator has denied this identity; it gets no SVID until the denial is lifted.</summary>
/// <param name="id">The identity.</param>
public sealed class IdentityDeniedException(SpiffeId id) : Exception($"{id} is denied; lift the denial if that is wrong")
{
    /// <summary>The identity.</summary>
    public SpiffeId Id { get; } = id;
}
