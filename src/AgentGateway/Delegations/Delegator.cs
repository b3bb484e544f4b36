using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Identity;
using Castellan.KubeApi;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Delegations;

/// <summary>Says whose authority a call needs at its tool server.</summary>
internal sealed class Delegator(ClusterCatalog cluster, TrustDomain trustDomain)
{
    /// <summary>
    /// Whose authority; null for servers that are not ours: they have no use for a token, so they get none.
    /// </summary>
    internal DelegationRequest? For(CallSpec spec)
    {
        var server = new NamespacedName(spec.Namespace, spec.Tool!.Server);
        if (cluster.ToolServers.Find(server)?.Spec.BuiltIn is null)
        {
            return null;
        }

        var audience = SpiffeId.ForServiceAccount(trustDomain, server.Namespace, WorkloadNames.OfToolServer(server.Name));
        var actor = spec.Principal.Kind == PrincipalKind.Agent ? SpiffeId.Parse(spec.Principal.Name) : null;
        return new(spec.OnBehalfOf, spec.OnBehalfOfGroups, actor, spec.Run?.RunId, audience) { LoginExpiresAt = spec.LoginExpiresAt };
    }
}
