using System.Text.Json.Nodes;

namespace Castellan.Audit;

/// <summary>Makes arguments fit to be seen: values that look secret are replaced, long ones are cut.</summary>
public static class Redaction
{
    /// <summary>What stands in place of a secret.</summary>
    public const string Mark = "[redacted]";

    private const int LongestText = 512;
    private const int LongestPreview = 16 * 1024;
    private const int MostItems = 64;
    private const int MaxDepth = 16;

    private static readonly string[] SecretWords =
    [
        "password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey", "credential", "authorization", "cookie", "bearer",
        "connectionstring", "clientkey", "signature",
    ];

    /// <summary>A copy of the arguments without secrets; null stays null.</summary>
    /// <remarks>At most 16 Ki characters, so that a record fits an entry of the log: longer ones are named, not shown.</remarks>
    public static JsonObject? Redact(JsonObject? arguments)
    {
        if (arguments is null)
        {
            return null;
        }

        var copy = Object(arguments, 0);
        var length = copy.ToJsonString().Length;
        return length <= LongestPreview ? copy : new JsonObject { ["[too long]"] = length };
    }

    /// <summary>True if a value under this key must not be shown.</summary>
    public static bool LooksSecret(string key)
    {
        var plain = string.Concat(key.Where(char.IsLetterOrDigit));
        return SecretWords.Any(word => plain.Contains(word, StringComparison.OrdinalIgnoreCase)) && !plain.EndsWith("name", StringComparison.OrdinalIgnoreCase);
    }

    private static JsonNode? Node(JsonNode? value, int depth) => value switch
    {
        null => null,
        _ when depth > MaxDepth => JsonValue.Create("[too deep]"),
        JsonObject inner => Object(inner, depth),
        JsonArray items => Array(items, depth),
        JsonValue leaf when leaf.TryGetValue<string>(out var text) => JsonValue.Create(Text(text)),
        _ => value.DeepClone(),
    };

    private static JsonObject Object(JsonObject value, int depth)
    {
        var secretKind = value["kind"] is JsonValue kind && kind.TryGetValue<string>(out var name) && name == "Secret";
        // Environment entries say in one member what the other one holds: {name: DB_PASSWORD, value: …}.
        var secretEntry = value["name"] is JsonValue entry && entry.TryGetValue<string>(out var key) && LooksSecret(key);
        var copy = new JsonObject();
        foreach (var (member, inner) in value)
        {
            var hide = LooksSecret(member) || (secretKind && member is ("data" or "stringData")) || (secretEntry && member == "value");
            copy[member] = hide && inner is not null ? Mark : Node(inner, depth + 1);
        }

        return copy;
    }

    private static JsonArray Array(JsonArray items, int depth)
    {
        var copy = new JsonArray([.. items.Take(MostItems).Select(item => Node(item, depth + 1))]);
        if (items.Count > MostItems)
        {
            copy.Add($"[{items.Count - MostItems} more]");
        }

        return copy;
    }

    private static string Text(string text) =>
        text.Contains("-----BEGIN", StringComparison.Ordinal) || text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || text.StartsWith("eyJ", StringComparison.Ordinal)
            ? Mark
            : text.Length > LongestText ? $"{text[..LongestText]}… [{text.Length} characters]" : text;
}
