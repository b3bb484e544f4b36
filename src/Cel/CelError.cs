namespace Castellan.Cel;

/// <summary>Why an evaluation has no value.</summary>
/// <param name="message">What went wrong, with the value that was wrong.</param>
/// <param name="offset">Where in the expression, in UTF-16 units from 0; -1 when not known.</param>
public sealed class CelError(string message, int offset = -1)
{
    /// <summary>What went wrong.</summary>
    public string Message { get; } = message;

    /// <summary>Where in the expression, in UTF-16 units from 0; -1 when not known.</summary>
    public int Offset { get; } = offset;

    /// <inheritdoc/>
    public override string ToString() => Message;
}
