namespace Castellan.Cel;

/// <summary>A value that only functions look into. Equality is that of the object.</summary>
internal abstract class CelOpaque
{
    /// <summary>The opaque type.</summary>
    public abstract CelType Type { get; }
}
