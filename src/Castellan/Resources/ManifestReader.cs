using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.KubeClient;

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
internal static class ManifestReader
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
        foreach (var (line, root) in Documents(text, source))
        {
            foreach (var item in root["kind"]?.ToString() == "List" && root["items"] is JsonArray items ? items.OfType<JsonObject>() : [root])
            {
                yield return Checked((JsonObject)item.DeepClone(), $"{source}:{line}");
            }
        }
    }

    private static IReadOnlyList<KubeYamlDocument> Documents(string text, string source)
    {
        try
        {
            return KubeYaml.ParseDocuments(text);
        }
        catch (KubeYamlException e)
        {
            throw new CommandFailure($"{source}: {e.Message}", "correct the file; nothing of it was applied", inner: e);
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
}
