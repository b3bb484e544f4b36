using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.McpServers.Cluster.Reading;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Writing;

/// <summary>Sets the number of pods of a workload.</summary>
internal sealed class ScaleTool : IClusterTool
{
    public ToolSpec Spec { get; } = new(
        "scale", "Scale a workload",
        "Sets how many pods a Deployment, StatefulSet or ReplicaSet shall have. 0 stops it. Follow it with rollout_status.",
        ToolEffect.IdempotentWrite,
        Schema.Object([Common.Kind.Copy(), Common.Name.Copy(), Common.Namespace.Copy(), ("replicas", Schema.Integer("Wanted number of pods.", 0, 1000))], "kind", "name", "replicas"),
        Schema.Output(("before", Schema.Integer("Number before.", 0, int.MaxValue)), ("replicas", Schema.Integer("Number wanted now.", 0, int.MaxValue))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var wanted = call.Arguments.Integer("replicas")!.Value;
        var (resource, key, before, _) = await WorkloadPatch.ApplyAsync(call, workload => Change(workload, wanted), ct).ConfigureAwait(false);
        var was = Fields.Number(before, "spec", "replicas") ?? 1;
        var text = was == wanted ? $"{resource.Kind} {key} had {wanted} replicas already; nothing changed." : $"{resource.Kind} {key}: {was} → {wanted} replicas.";
        return new(text, new JsonObject { ["before"] = was, ["replicas"] = wanted });
    }

    private static IEnumerable<JsonObject> Change(JsonObject workload, int wanted)
    {
        WorkloadPatch.TemplateOf(workload);
        if (Fields.Text(workload, "kind") is "DaemonSet" or "Job") throw new ToolProblem($"a {Fields.Text(workload, "kind")} has no number of replicas", "name a Deployment, StatefulSet or ReplicaSet");
        if (Fields.Number(workload, "spec", "replicas") != wanted) yield return new() { ["op"] = "add", ["path"] = "/spec/replicas", ["value"] = wanted };
    }
}
