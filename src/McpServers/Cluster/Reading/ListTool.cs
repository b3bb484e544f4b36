using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster.Rendering;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>Lists objects of a kind.</summary>
internal sealed class ListTool : IClusterTool
{
    private const int StandardLimit = 50;

    public ToolSpec Spec { get; } = new(
        "list", "List objects",
        "Lists objects of one kind with the columns kubectl shows; for pods also restarts and the last exit code of every container, for workloads how far the rollout is. "
        + "Start here to see what is unhealthy. Without a namespace it looks into all that are allowed. Returns at most `limit` objects; "
        + "unhealthy ones come first.",
        ToolEffect.Read,
        Schema.Object(
            [
                Common.Kind.Copy(), Common.Namespace.Copy(),
                ("selector", Schema.Text("Label selector.", "app=checkout", "tier in (web,api)")),
                ("fieldSelector", Schema.Text("Field selector.", "spec.nodeName=node-1", "status.phase=Pending")),
                ("limit", Schema.Integer("Most objects to return.", 1, 500, StandardLimit)),
            ],
            "kind"),
        Schema.Output(
            ("kind", Schema.Text("Kind of the items.")),
            ("total", Schema.Integer("How many objects there are.", 0, int.MaxValue)),
            ("items", Schema.ListOf("One entry per object; pods and workloads carry healthy, pods also containers.", Schema.Any("Columns of one object.")))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var found = await call.ResourceAsync(ct).ConfigureAwait(false);
        if (!found.Verbs.Contains("list")) throw new ToolProblem($"{found.Resource.Kind} cannot be listed", "use get with a name");
        var options = new ListOptions { LabelSelector = call.Arguments.OptionalText("selector"), FieldSelector = call.Arguments.OptionalText("fieldSelector") };
        List<JsonObject> items = [];
        foreach (var ns in call.Options.NamespacesFor(found.Resource, call.Arguments.OptionalText("namespace")))
        {
            items.AddRange(found.Resource is { Group: "", Kind: "Pod" } or { Group: "apps", Kind: "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" }
                ? await ObjectsAsync(call, found.Resource, ns, options, ct).ConfigureAwait(false)
                : await RowsAsync(call, found.Resource, ns, options, ct).ConfigureAwait(false));
        }
        var shown = items.OrderBy(i => i["healthy"] is { } healthy && (bool)healthy ? 1 : 0).Take(call.Arguments.Integer("limit", StandardLimit)).ToList();
        var data = new JsonObject { ["kind"] = found.Resource.Kind, ["total"] = items.Count, ["items"] = new JsonArray([.. shown]) };
        return new(TextBudget.Fit(TextOf(found.Resource, shown, items.Count), "narrow with selector or a smaller limit"), data);
    }

    // What runs is judged, so that the sick come first; the server's columns alone do not say enough for that.
    private static async Task<IEnumerable<JsonObject>> ObjectsAsync(ClusterCall call, KubeResource resource, string? ns, ListOptions options, CancellationToken ct)
    {
        var all = await call.Kube.ListAsync(resource, ns, options, ct).ConfigureAwait(false);
        return all.Items.Select(o => RolloutState.Of(o) is { } rollout ? Workload(o, rollout, call.Now) : PodSummary.Of(o, call.Now).ToJson());
    }

    private static JsonObject Workload(JsonObject item, RolloutState rollout, DateTimeOffset now) => new()
    {
        ["name"] = Fields.Text(item, "metadata", "name"), ["namespace"] = Fields.Text(item, "metadata", "namespace"),
        ["ready"] = $"{rollout.Ready}/{rollout.Wanted}", ["updated"] = rollout.Updated, ["available"] = rollout.Available, ["age"] = Age.Of(item, now),
        ["rollout"] = rollout.Message, ["healthy"] = rollout.Complete, ["labels"] = Fields.At(item, "metadata", "labels")?.DeepClone() ?? new JsonObject(),
    };

    private static async Task<IEnumerable<JsonObject>> RowsAsync(ClusterCall call, KubeResource resource, string? ns, ListOptions options, CancellationToken ct)
    {
        // The server's own table: the columns people know, for custom resources too, and never the data of a Secret.
        var table = await call.Kube.GetTableAsync(resource, ns, null, options, ct).ConfigureAwait(false);
        var columns = Fields.Items(table, "columnDefinitions").ToList();
        return Fields.Items(table, "rows").Select(row => Row(resource, columns, row, call.Now));
    }

    private static JsonObject Row(KubeResource resource, List<JsonObject> columns, JsonObject row, DateTimeOffset now)
    {
        var item = new JsonObject { ["name"] = Fields.Text(row, "object", "metadata", "name") };
        if (resource.Namespaced) item["namespace"] = Fields.Text(row, "object", "metadata", "namespace");
        var cells = Fields.At(row, "cells") as JsonArray ?? [];
        for (var i = 0; i < Math.Min(columns.Count, cells.Count); i++)
        {
            if ((Fields.Number(columns[i], "priority") ?? 0) > 0) continue; // what kubectl keeps for -o wide
            var name = CamelCase(Fields.Text(columns[i], "name") ?? $"column{i}");
            if (name is "name" or "namespace") continue;
            var isTime = Fields.Text(columns[i], "type") == "date" && cells[i] is JsonValue time && DateTimeOffset.TryParse((string?)time, out _);
            item[name] = isTime ? Age.Of(now - DateTimeOffset.Parse((string)cells[i]!, System.Globalization.CultureInfo.InvariantCulture)) : cells[i]?.DeepClone();
        }
        return item;
    }

    private static string TextOf(KubeResource resource, List<JsonObject> shown, int total)
    {
        if (total == 0) return $"No {resource.Plural} found.";
        var columns = shown.SelectMany(i => i.Select(p => p.Key)).Distinct().Where(c => c is not ("labels" or "containers" or "healthy" or "ip" or "owner")).ToList();
        var lines = shown.Select(item => string.Join("  ", columns.Select(c => item[c]?.ToString() is { Length: > 0 } text ? text : "-")) + Containers(item));
        var rest = total > shown.Count ? $"\n{total - shown.Count} more; narrow with selector or raise limit." : "";
        var unhealthy = shown.Count(i => i["healthy"] is { } healthy && !(bool)healthy);
        var heading = $"{resource.Plural}: {total}{(shown.Any(i => i["healthy"] is not null) ? $", {unhealthy} unhealthy" : "")}";
        return $"{heading}\n{string.Join("  ", columns.Select(c => c.ToUpperInvariant()))}\n{string.Join('\n', lines)}{rest}";
    }

    private static string Containers(JsonObject item)
    {
        if (item["containers"] is not JsonArray containers || (bool)item["healthy"]!) return "";
        return string.Concat(containers.OfType<JsonObject>().Select(c =>
            $"\n  {Fields.Text(c, "name")}: {Fields.Text(c, "state")} {Fields.Text(c, "reason")}{(Fields.Number(c, "lastExitCode") is { } code ? $", last exit {code}" : "")}".TrimEnd()));
    }

    private static string CamelCase(string column)
    {
        var words = column.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Select((w, i) => i == 0 ? w.All(char.IsUpper) ? w.ToLowerInvariant() : char.ToLowerInvariant(w[0]) + w[1..] : char.ToUpperInvariant(w[0]) + w[1..]));
    }
}
