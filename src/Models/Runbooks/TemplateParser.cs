namespace Castellan.Models.Runbooks;

/// <summary>A piece of a template: text as it stands, or an expression.</summary>
internal readonly record struct TemplatePart(string Text, bool IsExpression);

/// <summary>Splits <c>text {{ expression }} text</c>.</summary>
internal static class TemplateParser
{
    /// <exception cref="FormatException">An expression does not end or is empty; the message says which.</exception>
    public static IReadOnlyList<TemplatePart> Parse(string template)
    {
        List<TemplatePart> parts = [];
        var at = 0;
        while (at < template.Length)
        {
            var open = template.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0) break;
            if (open > at) parts.Add(new(template[at..open], false));
            var close = EndOfExpression(template, open + 2);
            if (close < 0) throw new FormatException($"'{Excerpt(template[open..])}' does not end; close it with '}}}}'");
            var expression = template[(open + 2)..close].Trim();
            if (expression.Length == 0) throw new FormatException("'{{ }}' holds no expression; write one or leave it out");
            parts.Add(new(expression, true));
            at = close + 2;
        }
        if (at < template.Length) parts.Add(new(template[at..], false));
        return parts;
    }

    // Two closing braces end the expression only outside of string literals and of CEL's own braces: {"a": {"b": 1}}.
    private static int EndOfExpression(string text, int at)
    {
        var depth = 0;
        for (; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"' or '\'':
                    at = EndOfLiteral(text, at);
                    break;
                case '{':
                    depth++;
                    break;
                case '}' when depth > 0:
                    depth--;
                    break;
                case '}' when at + 1 < text.Length && text[at + 1] == '}':
                    return at;
            }
        }
        return -1;
    }

    private static int EndOfLiteral(string text, int at)
    {
        var raw = at > 0 && text[at - 1] is 'r' or 'R';
        var quote = text[at];
        var triple = at + 2 < text.Length && text[at + 1] == quote && text[at + 2] == quote;
        for (at += triple ? 3 : 1; at < text.Length; at++)
        {
            if (text[at] == '\\' && !raw) at++;
            else if (text[at] == quote && (!triple || string.CompareOrdinal(text, at, new string(quote, 3), 0, 3) == 0)) return triple ? at + 2 : at;
        }
        return at;
    }

    private static string Excerpt(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
