using System.Text;

namespace Castellan.Cel.Syntax;

/// <summary>Reads one string or bytes literal: quoting by one or three marks, escapes unless raw.</summary>
/// <remarks>
/// In strings \x and octal escapes name code points, in bytes literals octets. Source: cel-spec, doc/langdef.md, "String and Bytes Values".
/// </remarks>
internal sealed class TextLiteralReader(string source, int start, bool raw, bool bytes)
{
    private readonly int opening = start;
    private readonly StringBuilder text = new();
    private readonly List<byte> octets = [];
    private int at = start;

    /// <summary>Offset after the literal.</summary>
    public int End => at;

    public CelValue Read()
    {
        var quote = source[at];
        var triple = string.CompareOrdinal(source, at, new string(quote, 3), 0, 3) == 0;
        var marks = triple ? 3 : 1;
        at += marks;
        while (!AtEnd(quote, marks))
        {
            if (at >= source.Length || (!triple && source[at] is '\n' or '\r'))
            {
                throw Wrong(opening, "the text is not closed", $"end it with {new string(quote, marks)}");
            }
            if (source[at] == '\\' && !raw) Escape();
            else if (source[at] == '\\' && at + 1 < source.Length && source[at + 1] == quote) Plain(2);
            else Plain(1);
        }
        at += marks;
        return bytes ? CelValue.From(octets.ToArray()) : CelValue.From(text.ToString());
    }

    private bool AtEnd(char quote, int marks) =>
        at + marks <= source.Length && source.AsSpan(at, marks).IndexOfAnyExcept(quote) < 0;

    private void Plain(int count)
    {
        for (; count > 0; count--)
        {
            if (!Rune.TryGetRuneAt(source, at, out var rune)) throw Wrong(at, "half a surrogate pair is no character");
            Append(rune);
            at += rune.Utf16SequenceLength;
        }
    }

    private void Append(Rune rune)
    {
        if (!bytes)
        {
            text.Append(rune.ToString());
            return;
        }
        Span<byte> buffer = stackalloc byte[4];
        octets.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
    }

    private void Escape()
    {
        var mark = at + 1 < source.Length ? source[at + 1] : '\0';
        switch (mark)
        {
            case 'x' or 'X':
                Code(at + 2, 2, 16);
                break;
            case 'u' when !bytes:
                Code(at + 2, 4, 16);
                break;
            case 'U' when !bytes:
                Code(at + 2, 8, 16);
                break;
            case >= '0' and <= '3':
                Code(at + 1, 3, 8);
                break;
            default:
                Append(new Rune(Simple(mark)));
                at += 2;
                break;
        }
    }

    private char Simple(char mark) => mark switch
    {
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        '\\' or '?' or '"' or '\'' or '`' => mark,
        _ => throw Wrong(at, "unknown escape in the text", "write \\\\ for a backslash, or prefix the text with r"),
    };

    private void Code(int digits, int count, uint radix)
    {
        uint code = 0;
        for (var i = digits; i < digits + count; i++)
        {
            var digit = i < source.Length && char.IsAsciiHexDigit(source[i]) ? (uint)Convert.ToInt32(source[i].ToString(), 16) : 16;
            if (digit >= radix) throw Wrong(at, $"the escape needs {count} digits of base {radix}");
            code = (code * radix) + digit;
        }
        if (bytes) octets.Add((byte)code);
        else if (Rune.IsValid(code)) text.Append(new Rune(code).ToString());
        else throw Wrong(at, $"U+{code:X4} is no character");
        at = digits + count;
    }

    private CelCompileException Wrong(int offset, string message, string? remedy = null) =>
        new([CelFault.At(source, offset, message, remedy)]);
}
