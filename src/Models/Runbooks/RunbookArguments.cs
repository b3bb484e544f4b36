using System.Text.Json.Nodes;

namespace Castellan.Models.Runbooks;

/// <summary>The compiled arguments of a step: JSON in which strings are templates.</summary>
/// <remarks>A property whose only expression gives null is left out, so that a template can say "no value".</remarks>
internal sealed class RunbookArguments
{
    private readonly Func<RunbookState, JsonNode?> _build;

    private RunbookArguments(Func<RunbookState, JsonNode?> build) => _build = build;

    public static RunbookArguments Compile(JsonObject? arguments, RunbookScope scope, string path, string place) =>
        new(Compiled(arguments ?? [], scope, path, place));

    /// <exception cref="RunbookException">An expression has no value.</exception>
    public JsonObject Build(RunbookState state) => (JsonObject)_build(state)!;

    private static Func<RunbookState, JsonNode?> Compiled(JsonNode? node, RunbookScope scope, string path, string place)
    {
        switch (node)
        {
            case JsonObject source:
                var members = source.Select(m => (m.Key, Value: Compiled(m.Value, scope, $"{path}.{m.Key}", $"{place}, argument '{m.Key}'"), WasNull: m.Value is null)).ToArray();
                return state =>
                {
                    var result = new JsonObject();
                    foreach (var (key, value, wasNull) in members)
                    {
                        if (value(state) is { } built) result[key] = built;
                        else if (wasNull) result[key] = null;
                    }
                    return result;
                };
            case JsonArray source:
                var items = source.Select((item, i) => Compiled(item, scope, $"{path}[{i}]", place)).ToArray();
                return state => new JsonArray([.. items.Select(item => item(state))]);
            case JsonValue value when value.TryGetValue(out string? text) && text.Contains("{{", StringComparison.Ordinal):
                var template = RunbookTemplate.Compile(text, scope, path, place);
                return state => template?.Value(state);
            default:
                return _ => node?.DeepClone();
        }
    }
}
