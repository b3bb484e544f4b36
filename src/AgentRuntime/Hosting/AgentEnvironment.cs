using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentRuntime.Hosting;

/// <summary>What the controller tells an agent pod.</summary>
/// <param name="Agent">Name of the Agent.</param>
/// <param name="PodIp">Address for the probes.</param>
/// <param name="Gateway">The gateway's mutual-TLS listener.</param>
/// <param name="GatewayId">Who must answer there.</param>
internal sealed record AgentEnvironment(string Agent, IPAddress PodIp, Uri Gateway, SpiffeId GatewayId)
{
    /// <summary>Who may read the card, besides the gateway.</summary>
    public SpiffeId ControllerId => SpiffeId.ForServiceAccount(GatewayId.TrustDomain, WorkloadNames.SystemNamespace, WorkloadNames.Controller);

    /// <summary>Which sidecar runs its runs: the gateway's, or the daprd of its own pod.</summary>
    public WorkflowBackend Backend { get; init; }

    /// <exception cref="FormatException">A variable is missing or wrong; the message names all of them.</exception>
    public static AgentEnvironment Read(Func<string, string?> variable)
    {
        List<string> faults = [];
        var agent = variable(WorkloadEnvironment.Agent) ?? "";
        if (agent.Length == 0) faults.Add(Fault(WorkloadEnvironment.Agent, agent, "the name of the Agent"));
        if (!IPAddress.TryParse(variable(WorkloadEnvironment.PodIp), out var ip)) faults.Add(Fault(WorkloadEnvironment.PodIp, variable(WorkloadEnvironment.PodIp), "the pod's IP address"));
        if (!Uri.TryCreate(variable(WorkloadEnvironment.Gateway), UriKind.Absolute, out var gateway) || gateway.Scheme != Uri.UriSchemeHttps)
            faults.Add(Fault(WorkloadEnvironment.Gateway, variable(WorkloadEnvironment.Gateway), "an https URL"));
        if (!SpiffeId.TryParse(variable(WorkloadEnvironment.GatewayId), out var id)) faults.Add(Fault(WorkloadEnvironment.GatewayId, variable(WorkloadEnvironment.GatewayId), "a SPIFFE ID"));
        var named = variable(WorkflowSettings.BackendVariable) is { Length: > 0 } text ? text : nameof(WorkflowBackend.Embedded);
        if (!Enum.TryParse<WorkflowBackend>(named, ignoreCase: true, out var backend) || !Enum.IsDefined(backend))
            faults.Add(Fault(WorkflowSettings.BackendVariable, named, $"{nameof(WorkflowBackend.Embedded)} or {nameof(WorkflowBackend.Dapr)}"));
        return faults.Count == 0 ? new(agent, ip!, gateway!, id!) { Backend = backend } : throw new FormatException(string.Join("; ", faults));
    }

    private static string Fault(string name, string? value, string wanted) => $"{name} is '{value}'; set it to {wanted}";
}
