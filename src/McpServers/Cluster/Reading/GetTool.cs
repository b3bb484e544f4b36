using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.McpServers.Cluster.Rendering;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>Reads one object whole.</summary>
internal sealed class GetTool : IClusterTool
{
    public ToolSpec Spec { get; } = new(
        "get", "Get an object",
        "Reads one object of any kind in full, as YAML, without managed fields. Use it when a field matters that `describe` does not show, "
        + "for example the environment or probes of a Deployment, or the data of a ConfigMap. The data of Secrets is withheld; their keys are shown.",
        ToolEffect.Read,
        Schema.Object([Common.Kind.Copy(), Common.Name.Copy(), Common.Namespace.Copy()], "kind", "name"),
        Schema.Output(("object", Schema.Any("The object."))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var (resource, key, found) = await call.ObjectAsync(ct).ConfigureAwait(false);
        var clean = Cleaning.Clean(found);
        return new(TextBudget.Fit($"# {resource.Resource.Kind} {key}\n{YamlText.Of(clean)}", "describe gives a summary"), new JsonObject { ["object"] = clean });
    }
}
