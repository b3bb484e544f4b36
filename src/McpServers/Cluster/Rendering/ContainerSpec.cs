using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>A container as its pod or pod template wants it.</summary>
internal sealed record ContainerSpec(JsonObject Container)
{
    public static IReadOnlyList<ContainerSpec> AllOf(JsonObject item)
    {
        var spec = Fields.Text(item, "kind") == "Pod" ? Fields.At(item, "spec") : Fields.At(item, "spec", "template", "spec");
        return [.. Fields.Items(spec, "initContainers").Concat(Fields.Items(spec, "containers")).Select(c => new ContainerSpec(c))];
    }

    public string Name => Fields.Text(Container, "name") ?? "";

    public IEnumerable<string> Lines()
    {
        yield return $"{Name}: image {Fields.Text(Container, "image")}{(Command().Length > 0 ? $", command {Shorten(Command())}" : "")}";
        foreach (var variable in Environment()) yield return $"  env {variable["name"]}{(variable["value"] is { } value ? $"={value}" : $" from {variable["from"]}")}";
        foreach (var probe in new[] { "startupProbe", "readinessProbe", "livenessProbe" })
        {
            if (Fields.At(Container, probe) is JsonObject set) yield return $"  {probe} {set.ToJsonString()}";
        }
        if (Fields.At(Container, "resources") is JsonObject { Count: > 0 } resources) yield return $"  resources {resources.ToJsonString()}";
    }

    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["image"] = Fields.Text(Container, "image"),
        ["command"] = Command(),
        ["env"] = new JsonArray([.. Environment()]),
        ["envFrom"] = new JsonArray([.. EnvironmentFrom().Select(f => (JsonNode)f)]),
        ["resources"] = Fields.At(Container, "resources")?.DeepClone(),
    };

    private string Command() => string.Join(" ",
        (Fields.At(Container, "command") as JsonArray ?? []).Concat(Fields.At(Container, "args") as JsonArray ?? []).Select(a => (string?)a)).Trim();

    private IEnumerable<JsonObject> Environment() => Fields.Items(Container, "env").Select(e => new JsonObject
    {
        ["name"] = Fields.Text(e, "name"),
        ["value"] = Fields.At(e, "valueFrom") is null ? Fields.Text(e, "value") ?? "" : null,
        ["from"] = SourceOf(Fields.At(e, "valueFrom")),
    });

    private IEnumerable<string> EnvironmentFrom() => Fields.Items(Container, "envFrom").Select(f =>
        Fields.Text(f, "configMapRef", "name") is { } map ? $"ConfigMap/{map}" : $"Secret/{Fields.Text(f, "secretRef", "name")}");

    private static string? SourceOf(JsonNode? source) =>
        source is null ? null
        : Fields.At(source, "configMapKeyRef") is { } map ? $"ConfigMap/{Fields.Text(map, "name")} key {Fields.Text(map, "key")}"
        : Fields.At(source, "secretKeyRef") is { } secret ? $"Secret/{Fields.Text(secret, "name")} key {Fields.Text(secret, "key")}"
        : Fields.At(source, "fieldRef") is { } field ? $"field {Fields.Text(field, "fieldPath")}" : "elsewhere";

    private static string Shorten(string command)
    {
        var line = command.ReplaceLineEndings("⏎");
        return line.Length > 400 ? line[..400] + "…" : line;
    }
}
