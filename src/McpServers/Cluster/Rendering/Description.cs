using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>What is known of one object, as text for a model and as data.</summary>
internal sealed class Description(JsonObject item, IReadOnlyList<PodSummary> pods, IReadOnlyList<string> owners, IReadOnlyList<EventSummary> events, DateTimeOffset now)
{
    private const int MostPods = 10;
    private readonly string _kind = Fields.Text(item, "kind") ?? "";
    private readonly string _name = Fields.Text(item, "metadata", "name") ?? "";
    private readonly IReadOnlyList<string> _problems = Problems.Of(item, pods, events);
    private readonly IReadOnlyList<ContainerSpec> _containers = ContainerSpec.AllOf(item);

    public string ToText()
    {
        var text = new StringBuilder();
        var ns = Fields.Text(item, "metadata", "namespace");
        text.AppendLine($"{_kind} {(ns is null ? "" : ns + "/")}{_name}, age {Age.Of(item, now)}{(owners.Count > 0 ? $", owned by {string.Join(" ← ", owners)}" : "")}");
        if (Fields.At(item, "metadata", "labels") is JsonObject { Count: > 0 } labels) text.AppendLine($"Labels: {string.Join(", ", labels.Select(l => $"{l.Key}={l.Value}"))}");
        Section(text, "Problems", _problems.Count > 0 ? _problems : ["none found"]);
        if (RolloutState.Of(item) is { } rollout) text.AppendLine($"Rollout: {rollout.Message}");
        if (_kind == "Pod") Section(text, "Containers now", pods.SelectMany(p => p.Containers).Select(c => c.Line()));
        Section(text, "Containers", _containers.SelectMany(c => c.Lines()));
        Section(text, "Conditions", Conditions().Select(c => $"{c["type"]}={c["status"]}{(c["reason"] is { } reason ? $" {reason}" : "")}{(c["message"] is { } message ? $": {message}" : "")}"));
        if (_kind != "Pod")
        {
            Section(text, "Pods", pods.Take(MostPods).SelectMany(p =>
                p.Containers.Select(c => $"  {c.Line()}").Prepend($"{p.Name}: {p.Status}, {p.Ready} ready, age {Age.Of(p.Pod, now)}")));
        }
        Section(text, "Data", Data());
        if (_containers.Count == 0 && pods.Count == 0) Section(text, "Spec", Fields.At(item, "spec") is { } spec ? YamlText.Of(spec).TrimEnd().Split('\n') : []);
        Section(text, "Events", events.Select(e => e.Line(now)));
        return text.ToString().TrimEnd();
    }

    public JsonObject ToJson() => new()
    {
        ["kind"] = _kind,
        ["name"] = _name,
        ["namespace"] = Fields.Text(item, "metadata", "namespace"),
        ["problems"] = Texts(_problems),
        ["owners"] = Texts(owners),
        ["conditions"] = new JsonArray([.. Conditions()]),
        ["containers"] = new JsonArray([.. _containers.Select(c => c.ToJson())]),
        ["rollout"] = RolloutState.Of(item)?.ToJson(),
        ["pods"] = new JsonArray([.. pods.Take(MostPods).Select(p => p.ToJson())]),
        ["events"] = new JsonArray([.. events.Select(e => e.ToJson(now))]),
    };

    private IEnumerable<JsonObject> Conditions() => Fields.Items(item, "status", "conditions").Select(c => new JsonObject
    {
        ["type"] = Fields.Text(c, "type"), ["status"] = Fields.Text(c, "status"), ["reason"] = Fields.Text(c, "reason"), ["message"] = Fields.Text(c, "message"),
    });

    // ConfigMaps and Secrets (already withheld) are all data.
    private IEnumerable<string> Data() => (item["data"] as JsonObject)?.Select(d => $"{d.Key}: {d.Value}") ?? [];

    private static void Section(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0) return;
        text.AppendLine($"{title}:");
        foreach (var line in all) text.AppendLine($"  {line}");
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);
}
