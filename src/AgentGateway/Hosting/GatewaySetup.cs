using System.Security.Cryptography.X509Certificates;
using Castellan.AgentApi.Workloads;
using Castellan.KubeClient;
using Castellan.SpiffeIdentity;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Hosting;

/// <summary>What the composer of a gateway provides. Nothing of it is disposed by the gateway.</summary>
public sealed record GatewaySetup
{
    /// <summary>What an operator set.</summary>
    public required GatewayOptions Options { get; init; }

    /// <summary>The cluster, and who the gateway is to it: reads Castellan's kinds, Services, Pods, Secrets of models and remote tool servers; writes ToolServers' status; reviews tokens and access.</summary>
    public required KubeConnection Kube { get; init; }

    /// <summary>The gateway's own X509-SVID and the bundles it believes.</summary>
    public required IX509Source Identity { get; init; }

    /// <summary>The certificate (with key) that the edge shows; asked at every connection, so that it may be renewed.</summary>
    public required Func<X509Certificate2> EdgeCertificate { get; init; }

    /// <summary>Identities that are let in no more, also on connections that stand; an empty list denies nobody.</summary>
    public DenialList Denials { get; init; } = new();

    /// <summary>The sidecar that keeps the calls' history with <see cref="WorkflowBackend.Dapr"/>; null takes it from daprd's environment variables.</summary>
    public TaskHubEndpoint? Dapr { get; init; }

    /// <summary>Where delegation tokens come from; null sends none, and built-in tool servers must be told to believe the gateway alone.</summary>
    public TokenExchangeSetup? TokenExchange { get; init; }

    /// <summary>Makes the connections to the world outside; null: by what the operator set.</summary>
    internal Egress.EgressGuard? Egress { get; init; }

    /// <summary>Clock of everything the gateway does.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
