namespace Castellan.AgentApi.Workloads;

/// <summary>Where an installation keeps the histories of its workflows.</summary>
public enum WorkflowBackend
{
    /// <summary>Our own sidecar, in the gateway's process, on the gateway's store; agents attach to it over mutual TLS.</summary>
    Embedded,

    /// <summary>daprd: one beside the gateway and one in each agent's pod, where DAPR_GRPC_ENDPOINT or DAPR_GRPC_PORT says, with DAPR_API_TOKEN.</summary>
    Dapr,
}
