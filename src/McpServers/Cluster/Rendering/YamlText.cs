using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>Objects as YAML, which takes a model about a third fewer tokens than JSON.</summary>
internal static class YamlText
{
    private static readonly ISerializer Writer = new SerializerBuilder().WithQuotingNecessaryStrings().DisableAliases().Build();

    public static string Of(JsonNode node)
    {
        lock (Writer) return Writer.Serialize(Plain(node)!);
    }

    private static object? Plain(JsonNode? node) => node switch
    {
        null => null,
        JsonObject json => json.ToDictionary(p => p.Key, p => Plain(p.Value)),
        JsonArray array => array.Select(Plain).ToList(),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) is var number && number == Math.Floor(number) && Math.Abs(number) < 1e15 ? (long)number : (object)number,
        },
    };
}
