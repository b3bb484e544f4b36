using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Castellan.Cli.CommandLine;

/// <summary>Prints results: plain columns like kubectl's, or the whole as JSON or YAML.</summary>
internal static class ResultWriter
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Words that YAML 1.1 readers, kubectl among them, take for a bool or null in any case.</summary>
    private static readonly HashSet<string> Reserved = new(["~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Columns parted by three spaces, no lines, so that they can be cut and grepped.</summary>
    public static void WriteTable(TextWriter output, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.Select(r => r.Select(OneLine).ToArray()).ToList();
        var widths = headers.Select((h, i) => all.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        foreach (var row in all.Prepend([.. headers]))
        {
            output.WriteLine(string.Join("   ", row.Select((cell, i) => i == row.Length - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    public static void WriteJson(TextWriter output, JsonNode? node) => output.WriteLine(node?.ToJsonString(Indented) ?? "null");

    public static void WriteYaml(TextWriter output, JsonNode? node)
    {
        var emitter = new Emitter(output);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    /// <summary>Writes a document as JSON or YAML; false if the format is one for people.</summary>
    public static bool TryWriteDocument(TextWriter output, OutputFormat format, Func<JsonNode?> document)
    {
        switch (format)
        {
            case OutputFormat.Json:
                WriteJson(output, document());
                return true;
            case OutputFormat.Yaml:
                WriteYaml(output, document());
                return true;
            default:
                return false;
        }
    }

    /// <summary>Text from elsewhere (a model, a tool, a cluster) must not steer the terminal: control characters become visible.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c));

    /// <summary>The same, escaped for Spectre's markup.</summary>
    public static string Safe(string text) => Markup.Escape(Printable(text));

    private static string OneLine(string cell) => Printable(cell.ReplaceLineEndings(" "));

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, value) in map)
                {
                    Emit(emitter, key);
                    Emit(emitter, value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var value in list)
                {
                    Emit(emitter, value);
                }
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                Emit(emitter, text);
                break;
            default:
                emitter.Emit(new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    private static void Emit(Emitter emitter, string text) =>
        emitter.Emit(new Scalar(null, null, text, StyleOf(text), isPlainImplicit: true, isQuotedImplicit: true));

    // A string that a reader would take for a number, a bool or null must keep its quotes, as must one that a block would not give back unchanged.
    private static ScalarStyle StyleOf(string text) =>
        text.Length == 0 || Reserved.Contains(text) || char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.' ? ScalarStyle.DoubleQuoted
        : text.Any(c => char.IsControl(c) && c is not '\n') ? ScalarStyle.DoubleQuoted
        : text.Contains('\n', StringComparison.Ordinal) ? char.IsWhiteSpace(text[0]) ? ScalarStyle.DoubleQuoted : ScalarStyle.Literal
        : ScalarStyle.Any;
}
