namespace Castellan.AgentApi.Workloads;

/// <summary>Environment variables that the controller sets in every pod of ours. None holds a secret.</summary>
public static class WorkloadEnvironment
{
    /// <summary>Where the SPIFFE Workload API listens, as a <c>unix://</c> URI.</summary>
    /// <remarks>Source: SPIFFE Workload Endpoint, section 4.</remarks>
    public const string SpiffeSocket = "SPIFFE_ENDPOINT_SOCKET";

    /// <summary>Name of the pod.</summary>
    public const string PodName = "POD_NAME";

    /// <summary>Namespace of the pod.</summary>
    public const string PodNamespace = "POD_NAMESPACE";

    /// <summary>IP of the pod, the address to listen on.</summary>
    public const string PodIp = "POD_IP";

    /// <summary>Name of the Agent, in agent pods.</summary>
    public const string Agent = "CASTELLAN_AGENT";

    /// <summary>Name of the ToolServer, in the pods of tool servers.</summary>
    public const string ToolServer = "CASTELLAN_TOOL_SERVER";

    /// <summary>URL of the gateway's mutual-TLS listener.</summary>
    public const string Gateway = "CASTELLAN_GATEWAY";

    /// <summary>SPIFFE ID of the gateway.</summary>
    public const string GatewayId = "CASTELLAN_GATEWAY_ID";

    /// <summary>The trust domain, for example <c>castellan.local</c>.</summary>
    public const string TrustDomain = "CASTELLAN_TRUST_DOMAIN";
}
