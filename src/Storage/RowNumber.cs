namespace Castellan.Storage;

/// <summary>The number that a posted row was given. It is known once the unit is durable.</summary>
/// <remarks>Take it out of the unit as it is, and read <see cref="Value"/> when the write has completed.</remarks>
public sealed class RowNumber
{
    private long? _value;

    internal RowNumber()
    {
    }

    /// <summary>A number that is known.</summary>
    public RowNumber(long value) => _value = value;

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The unit is not durable yet.</exception>
    public long Value => _value ?? throw new InvalidOperationException("the row has no number before its unit is durable; wait for the write");

    internal bool IsKnown => _value is not null;

    internal void Set(long? value) => _value = value;
}
