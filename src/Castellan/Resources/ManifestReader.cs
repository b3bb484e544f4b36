using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Castellan.Cli.CommandLine;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Castellan.Cli.Resources;

/// <summary>One object of a manifest, and where it stands.</summary>
/// <param name="Object">The object; has <c>apiVersion</c>, <c>kind</c> and <c>metadata.name</c>.</param>
/// <param name="Source">File and line, for messages.</param>
internal sealed record ManifestObject(JsonObject Object, string Source)
{
    public string ApiVersion => (string)Object["apiVersion"]!;

    public string Kind => (string)Object["kind"]!;

    public string Name => (string)Object["metadata"]!["name"]!;

    public string? Namespace => (string?)Object["metadata"]!["namespace"];
}

/// <summary>Reads Kubernetes objects from YAML or JSON: a file, a folder (its files by name, not its subfolders) or standard input.</summary>
internal static partial class ManifestReader
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <exception cref="CommandFailure">A path does not exist, or a document is not YAML or not an object; says file and line.</exception>
    public static async Task<IReadOnlyList<ManifestObject>> ReadAsync(IEnumerable<string> paths, TextReader standardInput, CancellationToken ct)
    {
        var objects = new List<ManifestObject>();
        foreach (var path in paths)
        {
            if (path == "-")
            {
                objects.AddRange(Parse(await standardInput.ReadToEndAsync(ct), "standard input"));
                continue;
            }
            foreach (var file in FilesOf(path))
            {
                objects.AddRange(Parse(await File.ReadAllTextAsync(file, ct), file));
            }
        }
        return objects.Count > 0
            ? objects
            : throw new CommandFailure($"no objects in {string.Join(", ", paths)}", "give a file or folder with YAML or JSON manifests");
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }
        if (!Directory.Exists(path))
        {
            throw new CommandFailure($"'{path}' does not exist", "check the path given with -f");
        }
        return Directory.EnumerateFiles(path).Where(f => Extensions.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal);
    }

    /// <summary>The objects of one text; <c>List</c> kinds are taken apart.</summary>
    public static IEnumerable<ManifestObject> Parse(string text, string source)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new CommandFailure($"{source}:{e.Start.Line}:{e.Start.Column}: not valid YAML: {e.Message}", "correct the file; nothing was applied", inner: e);
        }
        foreach (var document in stream.Documents)
        {
            if (document.RootNode is YamlScalarNode { Value: null or "" })
            {
                continue; // an empty document between two separators
            }
            var where = $"{source}:{document.RootNode.Start.Line}";
            if (ToJson(document.RootNode, source) is not JsonObject root)
            {
                throw new CommandFailure($"{where}: the document is not an object", "a manifest starts with apiVersion, kind and metadata");
            }
            foreach (var item in root["kind"]?.ToString() == "List" && root["items"] is JsonArray items ? items.OfType<JsonObject>() : [root])
            {
                yield return Checked((JsonObject)item.DeepClone(), where);
            }
        }
    }

    private static ManifestObject Checked(JsonObject item, string where)
    {
        foreach (var (member, found) in new[] { ("apiVersion", item["apiVersion"]), ("kind", item["kind"]), ("metadata.name", (item["metadata"] as JsonObject)?["name"]) })
        {
            if (found is not JsonValue value || !value.TryGetValue<string>(out var text) || text.Length == 0)
            {
                throw new CommandFailure($"{where}: {member} is missing", $"add it: every object needs apiVersion, kind and metadata.name");
            }
        }
        return new ManifestObject(item, where);
    }

    private static JsonNode? ToJson(YamlNode node, string source)
    {
        switch (node)
        {
            case YamlMappingNode map:
                var result = new JsonObject();
                foreach (var (key, value) in map.Children)
                {
                    var name = (key as YamlScalarNode)?.Value
                        ?? throw new CommandFailure($"{source}:{key.Start.Line}: a key is not a string", "quote it");
                    result[name] = ToJson(value, source);
                }
                return result;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(c => ToJson(c, source))]);
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                throw new CommandFailure($"{source}:{node.Start.Line}: unsupported YAML node", "write the value out instead of an alias");
        }
    }

    // YAML 1.2 core schema, section 10.3.2: only plain scalars are typed; quoted ones are strings.
    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when Integer().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when Float().IsMatch(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }

    [GeneratedRegex(@"^[-+]?[0-9]+$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
