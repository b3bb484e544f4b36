using System.Globalization;
using System.Text.Json;

namespace Castellan.LocalCluster.CustomResources;

/// <summary>The part of JSONPath that printer columns use: members, indexes, <c>[*]</c> and filters by equality.</summary>
internal sealed class JsonPath
{
    private readonly List<Step> steps = [];

    /// <summary>Reads a path such as <c>.status.conditions[?(@.type=="Ready")].status</c>. What it does not understand finds nothing.</summary>
    public static JsonPath Parse(string text)
    {
        var path = new JsonPath();
        var rest = text.AsSpan().TrimStart('$');
        while (!rest.IsEmpty)
        {
            if (rest[0] == '.')
            {
                rest = rest[1..];
                var end = EndOfName(rest);
                if (end > 0) path.steps.Add(new Step(Name: rest[..end].ToString().Replace("\\.", ".", StringComparison.Ordinal)));
                rest = rest[end..];
            }
            else if (rest[0] == '[' && CloseOf(rest) is var close and > 0)
            {
                path.steps.Add(Bracket(rest[1..close].ToString()));
                rest = rest[(close + 1)..];
            }
            else
            {
                return new JsonPath { steps = { new Step(Name: "\0") } };
            }
        }
        return path;
    }

    /// <summary>The first value that the path leads to.</summary>
    public JsonElement? Find(JsonElement root)
    {
        IEnumerable<JsonElement> found = [root];
        foreach (var step in steps) found = found.SelectMany(step.Apply);
        foreach (var value in found) return value.ValueKind == JsonValueKind.Null ? null : value;
        return null;
    }

    private static int EndOfName(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] is '.' or '[') return i;
        }
        return text.Length;
    }

    private static int CloseOf(ReadOnlySpan<char> text)
    {
        var quote = '\0';
        for (var i = 1; i < text.Length; i++)
        {
            if (quote != '\0') quote = text[i] == quote ? '\0' : quote;
            else if (text[i] is '"' or '\'') quote = text[i];
            else if (text[i] == ']') return i;
        }
        return -1;
    }

    private static Step Bracket(string inner)
    {
        if (inner == "*") return new Step(All: true);
        if (int.TryParse(inner, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)) return new Step(Index: index);
        if (inner.StartsWith("?(@", StringComparison.Ordinal) && inner.EndsWith(')') && inner.IndexOf("==", StringComparison.Ordinal) is var at and > 0)
        {
            return new Step(Filter: (Parse(inner[3..at].Trim()), inner[(at + 2)..^1].Trim().Trim('"', '\'')));
        }
        return new Step(Name: inner.Trim('\'', '"'));
    }

    private sealed record Step(string? Name = null, int? Index = null, bool All = false, (JsonPath Path, string Value)? Filter = null)
    {
        public IEnumerable<JsonElement> Apply(JsonElement value)
        {
            if (Name is not null)
            {
                return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(Name, out var member) ? [member] : [];
            }
            if (value.ValueKind != JsonValueKind.Array) return [];
            if (All) return value.EnumerateArray();
            if (Filter is { } filter) return value.EnumerateArray().Where(item => Text(filter.Path.Find(item)) == filter.Value);
            var index = Index < 0 ? value.GetArrayLength() + Index.Value : Index!.Value;
            return index >= 0 && index < value.GetArrayLength() ? [value[index]] : [];
        }

        private static string? Text(JsonElement? value) => value is { ValueKind: JsonValueKind.String } text ? text.GetString() : value?.GetRawText();
    }
}
