using System.Text.Json;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Selectors;

/// <summary>Chooses objects by the text of fields: <c>metadata.name=a,status.phase!=Failed</c>.</summary>
internal sealed class FieldSelector
{
    private readonly List<(string Path, bool Equal, string Value)> terms = [];

    public bool IsEmpty => terms.Count == 0;

    /// <summary>The paths it looks at.</summary>
    public IEnumerable<string> Paths => terms.Select(t => t.Path);

    /// <summary>The value that <c>metadata.name</c> must have, if it asks for one.</summary>
    public string? Name => terms.FirstOrDefault(t => t is { Path: "metadata.name", Equal: true }).Value;

    /// <exception cref="FormatException">It is no selector.</exception>
    public static FieldSelector Parse(string text)
    {
        var selector = new FieldSelector();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = term.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new FormatException($"invalid selector: '{text}'; can't understand '{term}'");
            var equal = term[at - 1] != '!';
            var value = term[(at + 1)..].TrimStart('=');
            selector.terms.Add((term[..(equal ? at : at - 1)].Trim(), equal, value));
        }
        return selector;
    }

    public bool Matches(StoredObject obj)
    {
        JsonDocument? document = null;
        try
        {
            foreach (var (path, equal, value) in terms)
            {
                var actual = path switch
                {
                    "metadata.name" => obj.Key.Name,
                    "metadata.namespace" => obj.Key.Namespace,
                    _ => Read((document ??= JsonDocument.Parse(obj.Json)).RootElement, path),
                };
                if (string.Equals(actual, value, StringComparison.Ordinal) != equal) return false;
            }
            return true;
        }
        finally
        {
            document?.Dispose();
        }
    }

    private static string Read(JsonElement element, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return "";
        }
        return element.ValueKind switch
        {
            JsonValueKind.String => element.GetString()!,
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => element.GetRawText(),
            _ => "",
        };
    }
}
