namespace Castellan.Cel;

/// <summary>A host's object: fields are read on demand, by the position at which the type declares them.</summary>
/// <remarks>Implementations are read by one evaluation at a time, or are immutable.</remarks>
public abstract class CelObject
{
    /// <summary>The declared type.</summary>
    public abstract CelType Type { get; }

    /// <summary>The value of a field; may be <see cref="CelValue.Unknown"/>.</summary>
    /// <param name="index">Position of the field in <see cref="CelType.Fields"/>.</param>
    public abstract CelValue GetField(int index);

    /// <summary>Whether the field is set, for <c>has()</c>. By default: it is neither null nor the zero value of its type.</summary>
    /// <param name="index">Position of the field in <see cref="CelType.Fields"/>.</param>
    public virtual bool HasField(int index) => !GetField(index).IsZero;
}
