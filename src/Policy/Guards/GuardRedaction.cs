using System.Text.Json.Nodes;

namespace Castellan.Policy.Guards;

/// <summary>Takes out of JSON what a scan finds in it: of texts, of the names of members, and of members whose name says that they are secret.</summary>
public static class GuardRedaction
{
    /// <summary>A copy without it.</summary>
    /// <param name="node">The value; null stays null.</param>
    /// <param name="kinds">What to take out.</param>
    public static JsonNode? Of(JsonNode? node, GuardKinds kinds) => Of(node, null, kinds);

    /// <summary>A text without what is found in it.</summary>
    public static string Of(string text, GuardKinds kinds) => TextScan.Redact(text, TextScan.Of(text, kinds));

    private static JsonNode? Of(JsonNode? node, string? member, GuardKinds kinds) => node switch
    {
        JsonObject members => OfMembers(members, kinds),
        JsonArray items => new JsonArray([.. items.Select(item => Of(item, null, kinds))]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(
            GuardScan.OfMember(member, text, kinds) is { } name && TextScan.Of(text, kinds).Count == 0 ? $"[redacted {name}]" : Of(text, kinds)),
        _ => node?.DeepClone(),
    };

    private static JsonObject OfMembers(JsonObject members, GuardKinds kinds)
    {
        var kept = new JsonObject();
        foreach (var (name, value) in members)
        {
            var plain = Of(name, kinds);
            // Two names may become one; a member is not dropped for that.
            for (var i = 2; kept.ContainsKey(plain); i++) plain = $"{Of(name, kinds)} {i}";
            kept[plain] = Of(value, name, kinds);
        }
        return kept;
    }
}
