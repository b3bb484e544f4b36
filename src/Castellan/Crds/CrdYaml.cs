using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Castellan.Cli.Crds;

/// <summary>Writes a definition as YAML, the same bytes every time.</summary>
internal static partial class CrdYaml
{
    private const string Notice = "# Generated from src/AgentApi by 'castellan crds generate'; change the types, not this file.\n";

    public static string FileName(JsonObject definition) =>
        $"{definition["spec"]!["group"]}_{definition["spec"]!["names"]!["plural"]}.yaml";

    public static string Write(JsonObject definition)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var settings = new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: true, newLine: "\n");
        new YamlStream(new YamlDocument(Node(definition))).Save(new Emitter(writer, settings), assignAnchors: false);
        return Notice + writer.ToString().Replace("...\n", "", StringComparison.Ordinal);
    }

    private static YamlNode Node(JsonNode? json) => json switch
    {
        JsonObject map => new YamlMappingNode(map.SelectMany(p => new[] { Text(p.Key), Node(p.Value) })),
        JsonArray list => new YamlSequenceNode(list.Select(Node)),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Text(value.GetValue<string>()),
        not null => new YamlScalarNode(json.ToJsonString()),
        null => new YamlScalarNode("null"),
    };

    private static YamlScalarNode Text(string text) => new(text)
    {
        Style = text.Contains('\n') ? ScalarStyle.Literal : IsPlain(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted,
    };

    // Stricter than YAML asks: whatever some parser might take for a boolean, a number, a comment or a mapping is quoted.
    private static bool IsPlain(string text) => Plain().IsMatch(text) && !Keyword().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z$](?:[A-Za-z0-9 ,.;()/_'$-]*[A-Za-z0-9.)/_-])?\z")]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A(?:true|false|yes|no|on|off|null|y|n)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Keyword();
}
