using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Castellan.KubeClient;

/// <summary>Manifests as people write them: YAML with several documents, read to JSON as kubectl reads it.</summary>
public static class KubeYaml
{
    private const int DeepestNesting = 100;
    private const int MostNodes = 1_000_000;

    /// <summary>Reads all documents; empty ones are left out and a <c>List</c> is not unfolded.</summary>
    /// <exception cref="KubeYamlException">Not YAML, or a document is not a mapping.</exception>
    public static IReadOnlyList<JsonObject> Parse(string yaml) => [.. ParseDocuments(yaml).Select(d => d.Content)];

    /// <summary>The same, with the line on which each document starts.</summary>
    /// <exception cref="KubeYamlException">Not YAML, or a document is not a mapping.</exception>
    public static IReadOnlyList<KubeYamlDocument> ParseDocuments(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new KubeYamlException($"line {e.Start.Line}, column {e.Start.Column}: {e.Message}", (int)e.Start.Line, e);
        }
        var documents = new List<KubeYamlDocument>();
        var budget = MostNodes; // aliases multiply: a few hundred bytes can stand for billions of nodes
        foreach (var document in stream.Documents)
        {
            if (document.RootNode is YamlScalarNode { Value: null or "" or "null" or "~" }) continue;
            var line = (int)document.RootNode.Start.Line;
            documents.Add(new(line, Convert(document.RootNode, 0, ref budget) as JsonObject ?? throw new KubeYamlException(
                $"line {line}: a document must be a mapping that starts with apiVersion and kind", line)));
        }
        return documents;
    }

    private static JsonNode? Convert(YamlNode node, int depth, ref int budget)
    {
        if (--budget < 0) throw new KubeYamlException($"line {node.Start.Line}: more than {MostNodes} values; write out less by aliases", (int)node.Start.Line);
        if (depth > DeepestNesting)
            throw new KubeYamlException($"line {node.Start.Line}: nested deeper than {DeepestNesting} levels", (int)node.Start.Line);
        switch (node)
        {
            case YamlMappingNode mapping:
                var fields = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    if (key is not YamlScalarNode { Value: { } name })
                        throw new KubeYamlException($"line {key.Start.Line}: a key must be a text", (int)key.Start.Line);
                    fields[name] = Convert(value, depth + 1, ref budget);
                }
                return fields;
            case YamlSequenceNode sequence:
                var items = new JsonArray();
                foreach (var child in sequence.Children) items.Add(Convert(child, depth + 1, ref budget));
                return items;
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                throw new KubeYamlException($"line {node.Start.Line}: anchors without a value are not understood", (int)node.Start.Line);
        }
    }

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted or ScalarStyle.Literal or ScalarStyle.Folded
            || scalar.Tag == "tag:yaml.org,2002:str") return text;
        // YAML 1.1 words, as the library behind kubectl reads them.
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL": return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON": return true;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF": return false;
        }
        if (text.StartsWith("0x", StringComparison.Ordinal) && long.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex)) return hex;
        if (text is ['0', >= '0' and <= '7', ..] && text.All(c => c is >= '0' and <= '7')) return System.Convert.ToInt64(text, 8);
        if (text is ['0', 'o', .. var octal] && octal.Length > 0 && octal.All(c => c is >= '0' and <= '7')) return System.Convert.ToInt64(octal, 8);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
        return LooksLikeNumber(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : text;
    }

    private static bool LooksLikeNumber(string text) =>
        text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.') && text.All(c => char.IsAsciiDigit(c) || c is '-' or '+' or '.' or 'e' or 'E');
}

/// <summary>One document of a manifest.</summary>
/// <param name="Line">Line on which it starts, from 1.</param>
/// <param name="Content">Its content.</param>
public sealed record KubeYamlDocument(int Line, JsonObject Content);

/// <summary>A text is not a YAML manifest.</summary>
public sealed class KubeYamlException(string message, int line, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Line of the fault, from 1.</summary>
    public int Line { get; } = line;
}
