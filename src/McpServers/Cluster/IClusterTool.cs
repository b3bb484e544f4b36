using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster;

/// <summary>One tool of the Cluster server.</summary>
internal interface IClusterTool
{
    /// <summary>How it presents itself.</summary>
    ToolSpec Spec { get; }

    /// <summary>Does what the arguments say, with the delegated power.</summary>
    /// <exception cref="ToolProblem">It cannot; the message is for the model.</exception>
    Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct);
}
