using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.McpServers.Cluster.Reading;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Writing;

/// <summary>Replaces the pods of a workload one after the other.</summary>
internal sealed class RestartTool : IClusterTool
{
    private const string Annotation = "kubectl.kubernetes.io/restartedAt";

    public ToolSpec Spec { get; } = new(
        "restart", "Restart a workload",
        "Replaces the pods of a Deployment, StatefulSet or DaemonSet by new ones, rolling, as kubectl rollout restart does. "
        + "Helps where a process hangs or must read its configuration again; does not help a container that crashes at its start. "
        + "Follow it with rollout_status.",
        ToolEffect.Write,
        Schema.Object([Common.Kind.Copy(), Common.Name.Copy(), Common.Namespace.Copy()], "kind", "name"),
        Schema.Output(("restartedAt", Schema.Text("Time of the restart (UTC)."))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var at = call.Now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var (resource, key, _, _) = await WorkloadPatch.ApplyAsync(call, workload => Change(workload, at), ct).ConfigureAwait(false);
        return new($"{resource.Kind} {key} restarts; rollout_status with waitSeconds shows how far it is.", new JsonObject { ["restartedAt"] = at });
    }

    private static IEnumerable<JsonObject> Change(JsonObject workload, string at)
    {
        var template = WorkloadPatch.TemplateOf(workload);
        if (template["metadata"] is not JsonObject metadata)
            yield return new() { ["op"] = "add", ["path"] = "/spec/template/metadata", ["value"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = at } } };
        else if (metadata["annotations"] is not JsonObject)
            yield return new() { ["op"] = "add", ["path"] = "/spec/template/metadata/annotations", ["value"] = new JsonObject { [Annotation] = at } };
        else
            yield return new() { ["op"] = "add", ["path"] = $"/spec/template/metadata/annotations/{Annotation.Replace("/", "~1", StringComparison.Ordinal)}", ["value"] = at };
    }
}
