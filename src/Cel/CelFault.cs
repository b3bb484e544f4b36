namespace Castellan.Cel;

/// <summary>One thing that is wrong with an expression.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in UTF-16 units, from 1.</param>
/// <param name="Message">What is wrong, with the text that is wrong.</param>
/// <param name="Remedy">What to write instead; <see langword="null"/> when nothing better than the message is known.</param>
public sealed record CelFault(int Line, int Column, string Message, string? Remedy = null)
{
    /// <summary><c>line:column: problem; remedy</c>.</summary>
    public override string ToString() => Remedy is null ? $"{Line}:{Column}: {Message}" : $"{Line}:{Column}: {Message}; {Remedy}";

    internal static CelFault At(string source, int offset, string message, string? remedy = null)
    {
        var before = source.AsSpan(0, Math.Clamp(offset, 0, source.Length));
        return new CelFault(before.Count('\n') + 1, before.Length - (before.LastIndexOf('\n') + 1) + 1, message, remedy);
    }
}
