using System.Text;

namespace Castellan.Cel.Library;

/// <summary>Writes a text as a CEL literal.</summary>
internal static class Quoting
{
    public static string Quote(string text)
    {
        var result = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            result.Append(c switch
            {
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                '\\' => "\\\\",
                '"' => "\\\"",
                _ => null,
            });
            if (c is not ((>= '\a' and <= '\r') or '\\' or '"')) result.Append(c);
        }
        return result.Append('"').ToString();
    }
}
