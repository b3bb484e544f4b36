namespace Castellan.AgentApi.Workloads;

/// <summary>Castellan's own images, without tag. The process kubelet maps them to executables of this build.</summary>
public static class WorkloadImages
{
    /// <summary>Runs the loop of an agent.</summary>
    public const string AgentRuntime = "castellan.dev/agent-runtime";

    /// <summary>The built-in tool servers.</summary>
    public const string McpServers = "castellan.dev/mcp-servers";

    /// <summary>The Workload API, and the mutual-TLS proxy in front of third-party tool servers.</summary>
    public const string SpiffeAgent = "castellan.dev/spiffe-agent";
}
