using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.McpServers.Cluster.Reading;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Writing;

/// <summary>Sets and removes environment variables of a workload.</summary>
internal sealed class SetEnvTool : IClusterTool
{
    public ToolSpec Spec { get; } = new(
        "set_env", "Set environment variables",
        "Sets or removes environment variables of one container of a Deployment, StatefulSet or DaemonSet; its pods are replaced, rolling. "
        + "Other variables stay as they are. Not for secrets: refer to a Secret with patch instead. Follow it with rollout_status.",
        ToolEffect.IdempotentWrite,
        Schema.Object(
            [
                Common.Kind.Copy(), Common.Name.Copy(), Common.Namespace.Copy(),
                ("container", Schema.Text("The container; may be left out where there is only one.")),
                ("env", new JsonObject
                {
                    ["type"] = "object",
                    ["description"] = "Variables by name: a text sets one, null removes one.",
                    ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "null") },
                    ["examples"] = new JsonArray(new JsonObject { ["PAYMENTS_URL"] = "http://payments.shop.svc:8080", ["PAYMENT_URL"] = null }),
                }),
            ],
            "kind", "name", "env"),
        Schema.Output(
            ("container", Schema.Text("The container.")),
            ("changes", Schema.ListOf("What changed; empty when all was so already.", new JsonObject { ["type"] = "string" }))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var wanted = Variables(call.Arguments.Node("env")!.AsObject());
        var (container, changes) = ("", new List<string>());
        var (resource, key, _, _) = await WorkloadPatch.ApplyAsync(call, workload =>
        {
            var (index, spec) = ContainerOf(workload, call.Arguments.OptionalText("container"));
            container = Fields.Text(spec, "name") ?? "";
            var env = Merge(spec["env"] as JsonArray, wanted, out changes);
            if (changes.Count == 0) return [];
            return [new JsonObject { ["op"] = "add", ["path"] = $"/spec/template/spec/containers/{index}/env", ["value"] = env }];
        }, ct).ConfigureAwait(false);
        var text = changes.Count == 0
            ? $"{resource.Kind} {key}, container {container}: all variables were so already; nothing changed."
            : $"{resource.Kind} {key}, container {container}: {string.Join(", ", changes)}. Its pods are being replaced; rollout_status with waitSeconds shows how far it is.";
        return new(text, new JsonObject { ["container"] = container, ["changes"] = new JsonArray([.. changes.Select(c => (JsonNode)c)]) });
    }

    private static Dictionary<string, string?> Variables(JsonObject env)
    {
        if (env.Count == 0) throw new ToolProblem("'env' is empty", "name at least one variable, with a text to set it or null to remove it");
        foreach (var (name, value) in env)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal)) throw new ToolProblem($"'{name}' is no name of a variable", "use letters, digits and _");
            if (value is not null && value.GetValueKind() != JsonValueKind.String) throw new ToolProblem($"the value of '{name}' is {value.ToJsonString()}", "give a text, or null to remove it");
        }
        return env.ToDictionary(e => e.Key, e => (string?)e.Value, StringComparer.Ordinal);
    }

    private static (int Index, JsonObject Container) ContainerOf(JsonObject workload, string? name)
    {
        var containers = Fields.Items(WorkloadPatch.TemplateOf(workload), "spec", "containers").ToList();
        var names = string.Join(", ", containers.Select(c => Fields.Text(c, "name")));
        if (name is null && containers.Count > 1) throw new ToolProblem("'container' is missing", $"name one of {names}");
        var index = name is null ? 0 : containers.FindIndex(c => Fields.Text(c, "name") == name);
        return index >= 0 && index < containers.Count ? (index, containers[index]) : throw new ToolProblem($"there is no container '{name}'", $"there are {names}");
    }

    private static JsonArray Merge(JsonArray? existing, Dictionary<string, string?> wanted, out List<string> changes)
    {
        changes = [];
        var result = new JsonArray();
        HashSet<string> met = new(StringComparer.Ordinal);
        foreach (var variable in existing?.OfType<JsonObject>() ?? [])
        {
            var name = Fields.Text(variable, "name") ?? "";
            if (!wanted.TryGetValue(name, out var value))
            {
                result.Add((JsonNode)variable.DeepClone());
                continue;
            }
            met.Add(name);
            if (value is null)
            {
                changes.Add($"removed {name}");
                continue;
            }
            var same = variable["valueFrom"] is null && (Fields.Text(variable, "value") ?? "") == value;
            if (!same) changes.Add($"set {name}={value}");
            result.Add((JsonNode)new JsonObject { ["name"] = name, ["value"] = value });
        }
        foreach (var (name, value) in wanted.Where(w => w.Value is not null && !met.Contains(w.Key)))
        {
            changes.Add($"set {name}={value}");
            result.Add((JsonNode)new JsonObject { ["name"] = name, ["value"] = value });
        }
        return result;
    }
}
