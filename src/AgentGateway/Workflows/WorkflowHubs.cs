using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.SpiffeIdentity;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Workflows;

/// <summary>The hubs of the embedded sidecar, by the names people use for them.</summary>
internal sealed class WorkflowHubs(EmbeddedSidecar sidecar, TrustDomain trustDomain)
{
    private const string DefaultNamespace = "default";

    /// <summary>True for the hub of the calls: what is done to it by hand would change what was decided and recorded.</summary>
    internal static bool IsReadOnly(string hub) => hub == GatewaySidecar.HubName;

    /// <summary>The namespace whose rights count for a hub; null for the gateway's own.</summary>
    internal static string? NamespaceOf(string hub) => SpiffeId.TryParse(hub, out var id) ? Principal.OfAgent(id)?.Namespace : null;

    /// <summary>All hubs that hold or held something.</summary>
    internal Task<IReadOnlyList<string>> NamesAsync(CancellationToken ct) => sidecar.HubNamesAsync(ct);

    /// <summary>The hub that a name means: <c>gateway</c>, a SPIFFE ID, or an agent as NAME or NAMESPACE/NAME.</summary>
    /// <exception cref="GatewayApi.GatewayException">404: there is no such hub.</exception>
    internal async Task<string> ResolveAsync(string name, CancellationToken ct)
    {
        var hub = name == GatewaySidecar.HubName || name.Contains("://", StringComparison.Ordinal) ? name : OfAgent(name);
        return (await sidecar.HubNamesAsync(ct)).Contains(hub, StringComparer.Ordinal) ? hub
            : throw Refusals.NotFound($"there is no hub '{name}'", "name an agent that ran (NAME or NAMESPACE/NAME), a SPIFFE ID, or gateway");
    }

    internal TaskHub Open(string hub) => sidecar.Hub(hub);

    /// <summary>The hub in which an instance lives; null if none has it.</summary>
    internal async Task<string?> FindAsync(string instanceId, CancellationToken ct)
    {
        foreach (var hub in await sidecar.HubNamesAsync(ct))
        {
            if ((await sidecar.Hub(hub).CreateClient().GetWorkflowStateAsync(instanceId, getInputsAndOutputs: false, ct)).Exists)
            {
                return hub;
            }
        }

        return null;
    }

    private string OfAgent(string name)
    {
        var (ns, agent) = name.Split('/', 2) is [var first, var second] ? (first, second) : (DefaultNamespace, name);
        return WorkloadNames.SpiffeId(trustDomain.ToString(), ns, WorkloadNames.OfAgent(agent));
    }
}
