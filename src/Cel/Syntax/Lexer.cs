using System.Globalization;

namespace Castellan.Cel.Syntax;

/// <summary>Cuts an expression into tokens.</summary>
/// <remarks>Source: cel-spec, doc/langdef.md, "Syntax", lexical productions.</remarks>
internal sealed class Lexer(string source)
{
    private static readonly Dictionary<string, TokenKind> Symbols = new()
    {
        ["."] = TokenKind.Dot, [","] = TokenKind.Comma, [":"] = TokenKind.Colon, ["?"] = TokenKind.Question,
        ["("] = TokenKind.LeftParen, [")"] = TokenKind.RightParen, ["["] = TokenKind.LeftBracket, ["]"] = TokenKind.RightBracket,
        ["{"] = TokenKind.LeftBrace, ["}"] = TokenKind.RightBrace, ["+"] = TokenKind.Plus, ["-"] = TokenKind.Minus,
        ["*"] = TokenKind.Star, ["/"] = TokenKind.Slash, ["%"] = TokenKind.Percent, ["!"] = TokenKind.Not,
        ["&&"] = TokenKind.And, ["||"] = TokenKind.Or, ["=="] = TokenKind.Equal, ["!="] = TokenKind.NotEqual,
        ["<"] = TokenKind.Less, ["<="] = TokenKind.LessEqual, [">"] = TokenKind.Greater, [">="] = TokenKind.GreaterEqual,
    };

    private int at;

    /// <summary>All tokens, the last of which is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="CelCompileException">The text holds something that is no token.</exception>
    public List<Token> Read()
    {
        var tokens = new List<Token>();
        do
        {
            SkipBlanks();
            tokens.Add(Next());
        }
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private Token Next()
    {
        if (at >= source.Length) return new Token(TokenKind.End, source.Length, "the end");
        var c = source[at];
        if (IsNameStart(c)) return NameOrText();
        if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1]))) return Number();
        if (c is '"' or '\'') return TextLiteral(at);
        return c == '`' ? Quoted() : Symbol();
    }

    private void SkipBlanks()
    {
        while (at < source.Length)
        {
            if (source[at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                at++;
            }
            else if (source[at] == '/' && at + 1 < source.Length && source[at + 1] == '/')
            {
                var end = source.IndexOf('\n', at);
                at = end < 0 ? source.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private Token Symbol()
    {
        var start = at;
        for (var length = Math.Min(2, source.Length - at); length > 0; length--)
        {
            if (!Symbols.TryGetValue(source.Substring(at, length), out var kind)) continue;
            at += length;
            return new Token(kind, start, source.Substring(start, length));
        }
        throw Wrong(start, $"unexpected character '{Show(source[start])}'", source[start] == '=' ? "write == to compare" : null);
    }

    private Token NameOrText()
    {
        var start = at;
        while (at < source.Length && (IsNameStart(source[at]) || char.IsAsciiDigit(source[at]))) at++;
        var name = source[start..at];
        if (at < source.Length && source[at] is '"' or '\'' && name is "r" or "R" or "b" or "B" or "br" or "bR" or "Br" or "BR")
        {
            return TextLiteral(start);
        }
        return name switch
        {
            "true" => new Token(TokenKind.Literal, start, name, CelValue.True),
            "false" => new Token(TokenKind.Literal, start, name, CelValue.False),
            "null" => new Token(TokenKind.Literal, start, name, CelValue.Null),
            "in" => new Token(TokenKind.In, start, name),
            _ => new Token(TokenKind.Identifier, start, name),
        };
    }

    private Token Quoted()
    {
        var start = at;
        var end = source.IndexOf('`', at + 1);
        if (end < 0) throw Wrong(start, "the quoted name is not closed", "end it with `");
        var name = source[(start + 1)..end];
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-' or '/' or ' ')))
        {
            throw Wrong(start, $"`{name}` is no quoted name", "use letters, digits, '_', '.', '-', '/' and blanks, or index with a string");
        }
        at = end + 1;
        return new Token(TokenKind.QuotedIdentifier, start, name);
    }

    private Token TextLiteral(int start)
    {
        var prefix = source[start..at].ToLowerInvariant();
        var text = new TextLiteralReader(source, at, raw: prefix.Contains('r'), bytes: prefix.Contains('b'));
        var value = text.Read();
        at = text.End;
        return new Token(TokenKind.Literal, start, source[start..at], value);
    }

    private Token Number()
    {
        var start = at;
        if (source[at] == '0' && at + 1 < source.Length && source[at + 1] is 'x' or 'X') return Hexadecimal();
        SkipDigits();
        var whole = true;
        if (at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]))
        {
            whole = false;
            at++;
            SkipDigits();
        }
        whole &= !SkipExponent();
        var text = source[start..at];
        if (!whole)
        {
            var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            if (double.IsInfinity(number)) throw Wrong(start, $"{text} is too large for a double");
            return EndOfNumber(new Token(TokenKind.Literal, start, text, CelValue.From(number)));
        }
        return Whole(start, ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null);
    }

    private Token Hexadecimal()
    {
        var start = at;
        at += 2;
        while (at < source.Length && char.IsAsciiHexDigit(source[at])) at++;
        if (at == start + 2) throw Wrong(start, "0x without a digit");
        var digits = source.AsSpan(start + 2, at - start - 2);
        return Whole(start, ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null);
    }

    private Token Whole(int start, ulong? value)
    {
        if (value is not { } number) throw Wrong(start, $"{source[start..at]} does not fit into 64 bits");
        var unsigned = at < source.Length && source[at] is 'u' or 'U';
        if (unsigned) at++;
        var text = source[start..at];
        return EndOfNumber(new Token(unsigned ? TokenKind.Literal : TokenKind.Int, start, text, CelValue.From(number)));
    }

    private Token EndOfNumber(Token number) => at < source.Length && (IsNameStart(source[at]) || char.IsAsciiDigit(source[at]))
        ? throw Wrong(at, $"unexpected '{source[at]}' after the number {number.Text}")
        : number;

    private void SkipDigits()
    {
        while (at < source.Length && char.IsAsciiDigit(source[at])) at++;
    }

    private bool SkipExponent()
    {
        if (at >= source.Length || source[at] is not ('e' or 'E')) return false;
        var digits = at + 1 < source.Length && source[at + 1] is '+' or '-' ? at + 2 : at + 1;
        if (digits >= source.Length || !char.IsAsciiDigit(source[digits])) return false;
        at = digits;
        SkipDigits();
        return true;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_';

    private static string Show(char c) => char.IsControl(c) || char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString();

    private CelCompileException Wrong(int offset, string message, string? remedy = null) =>
        new([CelFault.At(source, offset, message, remedy)]);
}
