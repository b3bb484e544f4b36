using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.McpServers.Cluster.Rendering;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>Says whether a rollout is through.</summary>
internal sealed class RolloutStatusTool : IClusterTool
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public ToolSpec Spec { get; } = new(
        "rollout_status", "Rollout status",
        "Says whether the newest version of a Deployment, StatefulSet, DaemonSet or ReplicaSet runs everywhere, and shows its pods. "
        + "With waitSeconds it waits until the rollout is complete or has failed: use that after a change to see whether it helped.",
        ToolEffect.Read,
        Schema.Object([Common.Kind.Copy(), Common.Name.Copy(), Common.Namespace.Copy(), ("waitSeconds", Schema.Integer("Longest wait.", 0, 120, 0))], "kind", "name"),
        Schema.Output(
            ("complete", new JsonObject { ["type"] = "boolean", ["description"] = "Every wanted pod runs the newest version and is available." }),
            ("failed", new JsonObject { ["type"] = "boolean", ["description"] = "The rollout gave up." }),
            ("message", Schema.Text("How far it is.")),
            ("pods", Schema.ListOf("Its pods, unhealthy first.", Schema.Any("As in list.")))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var (resource, key, item) = await call.ObjectAsync(ct).ConfigureAwait(false);
        var until = call.Now + TimeSpan.FromSeconds(call.Arguments.Integer("waitSeconds", 0));
        var state = StateOf(resource.Resource, item);
        while (!state.Complete && !state.Failed && call.Now < until)
        {
            await Task.Delay(Pause, call.Kube.Time, ct).ConfigureAwait(false);
            item = await call.ReadAsync(resource.Resource, key, ct).ConfigureAwait(false);
            state = StateOf(resource.Resource, item);
        }
        var pods = await WorkloadPods.OfAsync(call, item, ct).ConfigureAwait(false);
        var data = state.ToJson();
        data["pods"] = new JsonArray([.. pods.Take(20).Select(p => p.ToJson())]);
        var lines = pods.Take(20).Select(p => $"  {p.Name}: {p.Status}, {p.Ready} ready, {p.Restarts} restarts");
        return new($"{resource.Resource.Kind} {key}: {state.Message}\n{string.Join('\n', lines)}".TrimEnd(), data);
    }

    private static RolloutState StateOf(KubeResource resource, JsonObject item) =>
        RolloutState.Of(item) ?? throw new ToolProblem($"{resource.Kind} has no rollout", "use Deployment, StatefulSet, DaemonSet or ReplicaSet");
}
