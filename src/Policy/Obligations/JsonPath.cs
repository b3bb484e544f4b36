using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Castellan.Policy;

/// <summary>
/// A path into JSON that selects what is to be taken out: names, indexes, <c>*</c>, and <c>..</c> for any depth. Filters and slices are not among
/// them: what a redaction takes out must not depend on the data around it.
/// </summary>
/// <remarks>Source: RFC 9535 (JSONPath), sections 2.3 and 2.5.</remarks>
public sealed partial class JsonPath
{
    /// <summary>What stands in place of what was taken out.</summary>
    public const string Redacted = "[redacted]";

    private readonly IReadOnlyList<Step> _steps;
    private readonly string _text;

    private JsonPath(string text, IReadOnlyList<Step> steps) => (_text, _steps) = (text, steps);

    /// <summary>Reads a path.</summary>
    /// <exception cref="FormatException">It is none, or selects everything.</exception>
    public static JsonPath Parse(string text)
    {
        var steps = new List<Step>();
        var at = text.StartsWith('$') ? 1 : throw new FormatException($"'{text}' does not begin with $; write for example $.items[*].secret");
        while (at < text.Length)
        {
            var match = StepPattern().Match(text, at);
            if (!match.Success) throw new FormatException($"'{text}' cannot be read from character {at + 1} on; use .name, ['name'], [0], [*], .* and ..name");
            steps.Add(StepOf(match));
            at += match.Length;
        }
        return steps.Count > 0 ? new JsonPath(text, steps) : throw new FormatException($"'{text}' selects everything; deny the call instead");
    }

    /// <summary>Replaces what the path selects by <see cref="Redacted"/>.</summary>
    /// <returns>How much was replaced.</returns>
    public int Redact(JsonNode? root) => Redact(root, 0);

    /// <inheritdoc/>
    public override string ToString() => _text;

    private int Redact(JsonNode? node, int index)
    {
        var step = _steps[index];
        var count = 0;
        if (step.Descends)
        {
            foreach (var child in ChildrenOf(node)) count += Redact(child, index);
        }
        return count + node switch
        {
            JsonObject members => members.Select(m => m.Key).Where(step.Selects).ToList().Sum(name => Visit(members[name], index, value => members[name] = value)),
            JsonArray items => Enumerable.Range(0, items.Count).Where(i => step.Selects(i, items.Count)).ToList().Sum(i => Visit(items[i], index, value => items[i] = value)),
            _ => 0,
        };
    }

    private int Visit(JsonNode? child, int index, Action<JsonNode> replace)
    {
        if (index < _steps.Count - 1) return Redact(child, index + 1);
        if (child is JsonValue value && value.TryGetValue<string>(out var text) && text == Redacted) return 0;
        replace(JsonValue.Create(Redacted));
        return 1;
    }

    private static IEnumerable<JsonNode?> ChildrenOf(JsonNode? node) => node switch
    {
        JsonObject members => members.Select(m => m.Value).ToList(),
        JsonArray items => items.ToList(),
        _ => [],
    };

    private static Step StepOf(Match match)
    {
        var descends = match.Groups["deep"].Success;
        if (match.Groups["any"].Success) return new Step(descends, null, null);
        return match.Groups["index"] is { Success: true } index
            ? new Step(descends, null, int.Parse(index.Value, CultureInfo.InvariantCulture))
            : new Step(descends, match.Groups["quoted"] is { Success: true } quoted ? EscapePattern().Replace(quoted.Value, "$1") : match.Groups["name"].Value, null);
    }

    [GeneratedRegex(
        @"\G(?:\.(?<deep>\.)?(?:(?<any>\*)|(?<name>[\p{L}_][\p{L}\p{N}_]*))|(?<deep>\.\.)?\[(?:(?<any>\*)|(?<index>-?[0-9]{1,9})|'(?<quoted>(?:[^'\\]|\\['\\])*)')\])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex StepPattern();

    [GeneratedRegex(@"\\(.)", RegexOptions.CultureInvariant)]
    private static partial Regex EscapePattern();

    /// <summary>One step: of one name, one index, or neither, which is any.</summary>
    private sealed record Step(bool Descends, string? Name, int? Index)
    {
        public bool Selects(string name) => Index is null && (Name is null || Name == name);

        public bool Selects(int index, int length) => Name is null && (Index is not { } wanted || index == (wanted < 0 ? length + wanted : wanted));
    }
}
