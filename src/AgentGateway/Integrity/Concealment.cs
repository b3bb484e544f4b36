using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Policy;

namespace Castellan.AgentGateway.Integrity;

/// <summary>Looks through a definition for text that models read and people do not see. Pure.</summary>
internal static class Concealment
{
    /// <summary>Where the first such text stands, in words that follow the tool's name; null if all can be seen.</summary>
    internal static string? Of(JsonObject definition)
    {
        foreach (var (part, value) in definition)
        {
            foreach (var text in TextsOf(value))
            {
                if (InvisibleText.FirstOf(text, isName: part == "name") is { } first)
                {
                    var count = InvisibleText.Count(text, isName: part == "name");
                    return $"its {part} holds {count} character{(count == 1 ? "" : "s")} that nobody sees, the first {first}";
                }
            }
        }

        return null;
    }

    private static IEnumerable<string> TextsOf(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => TextsOf(member.Value).Prepend(member.Key)),
        JsonArray items => items.SelectMany(TextsOf),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };
}
