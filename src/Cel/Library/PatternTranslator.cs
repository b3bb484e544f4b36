using System.Globalization;
using System.Text;

namespace Castellan.Cel.Library;

/// <summary>Turns a pattern in RE2's syntax into .NET's, and refuses what RE2 does not have.</summary>
/// <remarks>Source: RE2, doc/syntax.txt. .NET takes back-references and look-around, and its classes mean Unicode where RE2's mean ASCII.</remarks>
internal sealed class PatternTranslator(string pattern)
{
    private const int LongestPattern = 4096;
    private const int HighestRepeat = 1000;

    private static readonly Dictionary<string, string> Posix = new()
    {
        ["alnum"] = "0-9A-Za-z", ["alpha"] = "A-Za-z", ["ascii"] = "\\x00-\\x7F", ["blank"] = "\\t ", ["cntrl"] = "\\x00-\\x1F\\x7F",
        ["digit"] = "0-9", ["graph"] = "!-~", ["lower"] = "a-z", ["print"] = " -~", ["punct"] = "!-/:-@\\[-`{-~",
        ["space"] = "\\t\\n\\v\\f\\r ", ["upper"] = "A-Z", ["word"] = "0-9A-Za-z_", ["xdigit"] = "0-9A-Fa-f",
    };

    private readonly StringBuilder result = new();
    private readonly Stack<long> repeats = new([1]);
    private int at;
    private bool multiline;
    private string? problem;

    public (string? Pattern, string? Problem) Translate()
    {
        if (pattern.Length > LongestPattern) return (null, $"it has more than {LongestPattern} characters");
        while (at < pattern.Length && problem is null) Next();
        return problem is null ? (result.ToString(), null) : (null, problem);
    }

    /// <summary>How many characters a pattern has when its repeats are written out.</summary>
    public static long SizeOf(string pattern)
    {
        var outer = new Stack<long>();
        var (sum, last) = (0L, 0L);
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    goto default;
                case '(':
                    outer.Push(sum + last);
                    (sum, last) = (0, 0);
                    break;
                case ')' when outer.Count > 0:
                    (sum, last) = (outer.Pop(), sum + last);
                    break;
                case '{' when Highest(pattern, i) is > 1 and var times:
                    last = Evaluation.Cost.Product(last, times);
                    break;
                default:
                    (sum, last) = (Evaluation.Cost.Sum(sum, last), 1);
                    break;
            }
        }

        foreach (var before in outer) sum = Evaluation.Cost.Sum(sum, before);
        return Evaluation.Cost.Sum(sum, last);
    }

    private static int Highest(string pattern, int brace)
    {
        var end = pattern.IndexOf('}', brace);
        if (end < 0) return 1;
        var highest = 1;
        foreach (var bound in pattern.AsSpan(brace + 1, end - brace - 1).Split(','))
        {
            if (int.TryParse(pattern.AsSpan(brace + 1, end - brace - 1)[bound], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) highest = Math.Max(highest, count);
        }
        return highest;
    }

    private void Next()
    {
        var c = pattern[at];
        switch (c)
        {
            case '\\':
                Escape(inClass: false);
                break;
            case '[':
                Class();
                break;
            case '(':
                Group();
                break;
            case '$':
                result.Append(multiline ? "$" : "\\z");
                at++;
                break;
            case '.':
                Dot();
                break;
            case '{':
                Repeat();
                break;
            default:
                var pair = char.IsHighSurrogate(c) && at + 1 < pattern.Length;
                // A code point of two units must be repeated as one.
                result.Append(pair ? $"(?:{pattern.AsSpan(at, 2)})" : c.ToString());
                at += pair ? 2 : 1;
                break;
        }
    }

    private void Group()
    {
        at++;
        result.Append('(');
        if (at >= pattern.Length || pattern[at] != '?') return;
        var rest = pattern.AsSpan(at);
        if (rest.StartsWith("?P<") || (rest.StartsWith("?<") && rest.Length > 2 && rest[2] is not ('=' or '!')))
        {
            result.Append("?<");
            at += rest[1] == 'P' ? 3 : 2;
            return;
        }
        var end = rest[1..].IndexOfAnyExcept("imsU-");
        var flags = end < 0 ? "" : rest.Slice(1, end).ToString();
        if (end < 0 || rest[end + 1] is not (':' or ')') || flags.Contains('U', StringComparison.Ordinal))
        {
            problem = $"'({rest[..Math.Min(3, rest.Length)]}' is not supported; look-around, atomic groups and conditions are not part of RE2";
            return;
        }
        var on = flags.Split('-')[0];
        if (flags.Contains('m', StringComparison.Ordinal)) multiline = on.Contains('m', StringComparison.Ordinal);
        result.Append(rest[..(end + 1)]);
        at += end + 1;
    }

    // How often a dot is repeated matters only when it is counted; then a pair of surrogates must count once.
    private void Dot()
    {
        at++;
        var free = at < pattern.Length && pattern[at] is '*' or '+';
        result.Append(free ? "." : "(?:[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|.)");
    }

    private void Repeat()
    {
        var end = pattern.IndexOf('}', at);
        var body = end < 0 ? "" : pattern[(at + 1)..end];
        var bounds = body.Split(',');
        if (bounds.Length > 2 || bounds[0].Length == 0 || body.Any(c => !char.IsAsciiDigit(c) && c != ','))
        {
            result.Append("\\{");
            at++;
            return;
        }
        foreach (var bound in bounds.Where(b => b.Length > 0))
        {
            if (!int.TryParse(bound, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > HighestRepeat)
            {
                problem = $"the repeat count {bound} is above {HighestRepeat}";
                return;
            }
            // Nested counts multiply, so all counts together are bounded: the automaton stays small.
            repeats.Push(repeats.Peek() * Math.Max(1, count));
        }
        if (repeats.Peek() > HighestRepeat * (long)HighestRepeat) problem = "the repeat counts are too large together";
        result.Append('{').Append(body).Append('}');
        at = end + 1;
    }

    private void Class()
    {
        result.Append('[');
        at++;
        if (at < pattern.Length && pattern[at] == '^')
        {
            result.Append('^');
            at++;
        }
        var first = true;
        while (problem is null)
        {
            if (at >= pattern.Length)
            {
                problem = "missing closing ]";
                return;
            }
            if (pattern[at] == ']' && !first) break;
            first = false;
            ClassItem();
        }
        result.Append(']');
        at++;
    }

    private void ClassItem()
    {
        var c = pattern[at];
        if (c == '[' && at + 1 < pattern.Length && pattern[at + 1] == ':')
        {
            var end = pattern.IndexOf(":]", at, StringComparison.Ordinal);
            var name = end < 0 ? "" : pattern[(at + 2)..end];
            if (Posix.TryGetValue(name, out var range)) result.Append(range);
            else problem = $"unknown class [:{name}:]";
            at = end + 2;
        }
        else if (c == '\\')
        {
            Escape(inClass: true);
        }
        else if (char.IsSurrogate(c))
        {
            problem = "code points above U+FFFF cannot be in a class; write them as alternatives";
        }
        else
        {
            result.Append(c == '[' ? "\\[" : c == ']' ? "\\]" : c.ToString());
            at++;
        }
    }

    private void Escape(bool inClass)
    {
        if (at + 1 >= pattern.Length)
        {
            problem = "trailing backslash";
            return;
        }
        var c = pattern[at + 1];
        at += 2;
        var ascii = c switch
        {
            'd' => "0-9",
            'D' => inClass ? "\\x00-/:-\\uFFFF" : "^0-9",
            'w' => "0-9A-Za-z_",
            'W' => inClass ? "\\x00-/:-@\\[-^`{-\\uFFFF" : "^0-9A-Za-z_",
            's' => "\\t\\n\\f\\r ",
            'S' => inClass ? "\\x00-\\x08\\x0B\\x0E-\\x1F!-\\uFFFF" : "^\\t\\n\\f\\r ",
            _ => null,
        };
        if (ascii is not null) result.Append(inClass ? ascii : $"[{ascii}]");
        else if (c is 'p' or 'P') Property(c);
        else if (c == 'x') CodePoint();
        else if (c == 'Q') Literal();
        else if (c == '0') result.Append("\\x00");
        else if (char.IsAsciiDigit(c)) problem = "back-references are not part of RE2";
        else if (!inClass && c is 'A' or 'b' or 'B' or 'z') result.Append('\\').Append(c);
        else if (c is 'a' or 'f' or 't' or 'n' or 'r' or 'v') result.Append('\\').Append(c);
        else if (char.IsAsciiLetter(c)) problem = $"unknown escape \\{c}";
        else result.Append(c is ' ' or '"' or '\'' or '/' or '_' or ':' or ';' or ',' or '<' or '>' or '=' or '!' or '%' or '&' or '@' or '~' or '`' || c > 127 ? c.ToString() : $"\\{c}");
    }

    private void Property(char mark)
    {
        var braced = at < pattern.Length && pattern[at] == '{';
        var end = braced ? pattern.IndexOf('}', at) : at;
        if (end < 0 || at >= pattern.Length)
        {
            problem = "incomplete property";
            return;
        }
        var name = braced ? pattern[(at + 1)..end] : pattern[at].ToString();
        at = end + 1;
        if (name.StartsWith('^')) (mark, name) = (mark == 'p' ? 'P' : 'p', name[1..]);
        result.Append('\\').Append(mark).Append('{').Append(name).Append('}');
    }

    private void CodePoint()
    {
        var braced = at < pattern.Length && pattern[at] == '{';
        var end = braced ? pattern.IndexOf('}', at) : at + 2;
        var digits = end > 0 && end <= pattern.Length ? pattern[(braced ? at + 1 : at)..end] : "";
        if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code > 0xFFFF)
        {
            problem = "\\x needs two hexadecimal digits, or up to FFFF in braces";
            return;
        }
        result.Append(CultureInfo.InvariantCulture, $"\\u{code:X4}");
        at = braced ? end + 1 : end;
    }

    private void Literal()
    {
        var end = pattern.IndexOf("\\E", at, StringComparison.Ordinal);
        var text = end < 0 ? pattern[at..] : pattern[at..end];
        result.Append(System.Text.RegularExpressions.Regex.Escape(text));
        at = end < 0 ? pattern.Length : end + 2;
    }
}
