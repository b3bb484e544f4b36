namespace Castellan.Cel.Syntax;

/// <summary>One token.</summary>
/// <param name="kind">What it is.</param>
/// <param name="offset">Where it starts.</param>
/// <param name="text">Its text; for identifiers the name.</param>
/// <param name="value">For literals the value; for <see cref="TokenKind.Int"/> the magnitude as uint.</param>
internal readonly struct Token(TokenKind kind, int offset, string text, CelValue value = default)
{
    public TokenKind Kind { get; } = kind;

    public int Offset { get; } = offset;

    public string Text { get; } = text;

    public CelValue Value { get; } = value;
}
