using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Delegations;
using Castellan.AgentGateway.Egress;
using Castellan.AgentGateway.Remote;
using Castellan.KubeApi;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Discovery;

/// <summary>
/// How tool servers are connected to. One in the cluster by its SPIFFE ID, with the gateway's own; a remote one through the egress guard, where
/// neither the gateway's identity nor a delegation has any business.
/// </summary>
internal sealed class ToolServerHandlers(IX509Source identity, TrustDomain trustDomain, EgressGuard egress, GatewaySecrets secrets, DelegationTokens? tokens = null)
{
    internal HttpMessageHandler For(NamespacedName server, RemoteServer? remote) => remote is null
        ? ToolServerLink.HandlerFor(identity, trustDomain, server, tokens)
        : new RemoteHandler(server.Namespace, remote.Credential, secrets, egress.CreateHandler());

    /// <summary>Where a remote server is.</summary>
    /// <exception cref="RemoteRefusedException">Its spec has a fault.</exception>
    internal static Uri AddressOf(RemoteServer remote) => RemoteServerFaults.Of(remote) is { } fault ? throw new RemoteRefusedException(fault) : new Uri(remote.Url);
}
