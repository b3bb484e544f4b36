using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster.Reading;
using Castellan.McpServers.Cluster.Rendering;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Writing;

/// <summary>Changes any object.</summary>
internal sealed class PatchTool : IClusterTool
{
    public ToolSpec Spec { get; } = new(
        "patch", "Patch an object",
        "Changes fields of one object of any kind. Type merge (RFC 7386) replaces the fields given and removes those that are null; lists are replaced whole. "
        + "Type strategic merges lists of built-in kinds by their keys, for example containers by name. Type json takes a list of operations (RFC 6902) in `operations`. "
        + "Try it with dryRun first. For variables, replicas and restarts use set_env, scale and restart.",
        ToolEffect.Write,
        Schema.Object(
            [
                Common.Kind.Copy(), Common.Name.Copy(), Common.Namespace.Copy(),
                ("type", Schema.Choice("Kind of patch; merge where it is left out.", "merge", "strategic", "json")),
                ("patch", new JsonObject
                {
                    ["type"] = "object", ["description"] = "The fields to change, for merge and strategic.",
                    ["examples"] = new JsonArray(new JsonObject { ["spec"] = new JsonObject { ["minReadySeconds"] = 5 } }),
                }),
                ("operations", new JsonObject
                {
                    ["type"] = "array", ["description"] = "The operations, for json.", ["items"] = new JsonObject { ["type"] = "object" },
                    ["examples"] = new JsonArray(new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/spec/minReadySeconds", ["value"] = 5 })),
                }),
                ("dryRun", Schema.Flag("True checks the patch and shows what it would change, but stores nothing.")),
            ],
            "kind", "name"),
        Schema.Output(("changed", Schema.ListOf("Paths that differ now.", new JsonObject { ["type"] = "string" })), ("dryRun", Schema.Flag("Whether nothing was stored."))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var patch = PatchOf(call.Arguments);
        var (resource, key, before) = await call.ObjectAsync(ct).ConfigureAwait(false);
        RefuseSecrets(resource.Resource, key);
        var dryRun = call.Arguments.Flag("dryRun");
        var options = new WriteOptions { FieldManager = ClusterCall.FieldManager, DryRun = dryRun, FieldValidation = "Strict" };
        var after = await call.Kube.PatchAsync(resource.Resource, key, patch, null, options, ct).ConfigureAwait(false);
        var changes = Differences.Between(Cleaning.Clean(before), Cleaning.Clean(after)).ToList();
        var text = $"{resource.Resource.Kind} {key} {(dryRun ? "would change" : "changed")} in {changes.Count} places{(dryRun ? " (dry run, nothing stored)" : "")}:\n{string.Join('\n', changes)}";
        return new(TextBudget.Fit(changes.Count == 0 ? $"{resource.Resource.Kind} {key}: nothing changed." : text, "use get for the whole object"),
            new JsonObject { ["changed"] = new JsonArray([.. changes.Select(c => (JsonNode)c)]), ["dryRun"] = dryRun });
    }

    private static KubePatch PatchOf(ToolArguments arguments)
    {
        var type = arguments.OptionalText("type") ?? "merge";
        var (wanted, other) = type == "json" ? ("operations", "patch") : ("patch", "operations");
        if (arguments.Node(other) is not null || arguments.Node(wanted) is not { } body) throw new ToolProblem($"type {type} goes with '{wanted}' and not with '{other}'", $"give '{wanted}' alone");
        return type switch
        {
            "json" => KubePatch.Json(body.DeepClone().AsArray()),
            "strategic" => KubePatch.Strategic(body.DeepClone().AsObject()),
            _ => KubePatch.Merge(body.DeepClone().AsObject()),
        };
    }

    // What a Secret is changed to would pass through the model, the approval and the audit log in clear.
    private static void RefuseSecrets(KubeResource resource, NamespacedName key)
    {
        if (resource is { Group: "", Kind: "Secret" }) throw new ToolProblem($"Secret '{key}' cannot be changed through this server", "ask a person to change it with kubectl");
    }
}
