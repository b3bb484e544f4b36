namespace Castellan.AgentApi.Workloads;

/// <summary>Names of what runs for an Agent or a ToolServer. Service account, Deployment and Service share one name.</summary>
public static class WorkloadNames
{
    /// <summary>Longest name of an Agent or ToolServer: with its prefix it must fit a Service's name, which is a DNS label.</summary>
    public const int MaxLength = 57;

    /// <summary>Shape of the name of an Agent or ToolServer: a DNS label.</summary>
    public const string Pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /// <summary>Name of the container that the gateway talks to.</summary>
    public const string MainContainer = "castellan";

    /// <summary>Namespace of the gateway and the controller.</summary>
    public const string SystemNamespace = "castellan-system";

    /// <summary>Service account of the gateway.</summary>
    public const string Gateway = "gateway";

    /// <summary>Service account of the controller.</summary>
    public const string Controller = "controller";

    /// <summary>Service account of the identity authority.</summary>
    public const string Authority = "spiffe-server";

    /// <summary>The orchestration that runs an agent.</summary>
    public const string RunOrchestration = "AgentRun";

    /// <summary>Service account, Deployment and Service of an Agent.</summary>
    public static string OfAgent(string agent) => $"agent-{agent}";

    /// <summary>Service account, Deployment and Service of a ToolServer.</summary>
    public static string OfToolServer(string server) => $"tools-{server}";

    /// <summary>The user name under which Kubernetes knows a service account.</summary>
    public static string UserOf(string ns, string serviceAccount) => $"system:serviceaccount:{ns}:{serviceAccount}";

    /// <summary>The SPIFFE ID of the pods that run under a service account.</summary>
    public static string SpiffeId(string trustDomain, string ns, string serviceAccount) =>
        $"spiffe://{trustDomain}/ns/{ns}/sa/{serviceAccount}";
}
