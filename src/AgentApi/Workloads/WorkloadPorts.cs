namespace Castellan.AgentApi.Workloads;

/// <summary>Ports that every pod of ours listens on, at its pod IP.</summary>
public static class WorkloadPorts
{
    /// <summary>Mutual TLS with X.509-SVIDs; tool servers serve MCP here.</summary>
    public const int Mtls = 8443;

    /// <summary>Plain HTTP for the kubelet's probes and nothing else: <c>/healthz</c> and <c>/readyz</c>.</summary>
    public const int Probes = 8081;

    /// <summary>Probes of the agent that serves the Workload API beside the main container.</summary>
    public const int AgentProbes = 8082;
}
