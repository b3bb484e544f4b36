using System.Text;

namespace Castellan.Models.Runbooks;

/// <summary>Puts the texts of findings together.</summary>
internal static class RunbookAnswer
{
    private const string Bullet = "- ";

    /// <summary>Each text is a paragraph; list items that follow one another form one list, as Markdown reads them.</summary>
    internal static string Join(IReadOnlyList<string> texts)
    {
        var answer = new StringBuilder();
        var lastLine = "";
        foreach (var text in texts.Select(t => t.Trim('\n')))
        {
            if (answer.Length > 0)
            {
                answer.Append(lastLine.StartsWith(Bullet, StringComparison.Ordinal) && text.StartsWith(Bullet, StringComparison.Ordinal) ? "\n" : "\n\n");
            }

            answer.Append(text);
            lastLine = text[(text.LastIndexOf('\n') + 1)..];
        }

        return answer.ToString();
    }
}
