using Castellan.AgentApi.V1Alpha1;
using Castellan.McpServers.Cluster.Reading;
using Castellan.McpServers.Cluster.Writing;

namespace Castellan.McpServers.Cluster;

/// <summary>The tools of the Cluster server.</summary>
internal static class ClusterTools
{
    /// <summary>All tools, or those that change nothing.</summary>
    public static IReadOnlyList<IClusterTool> For(ClusterOptions options)
    {
        IClusterTool[] all =
        [
            new ListTool(), new GetTool(), new DescribeTool(), new EventsTool(), new LogsTool(), new RolloutStatusTool(),
            new RestartTool(), new PatchTool(), new SetEnvTool(), new ScaleTool(),
        ];
        return [.. all.Where(t => !options.ReadOnly || t.Spec.Effect == ToolEffect.Read)];
    }
}
