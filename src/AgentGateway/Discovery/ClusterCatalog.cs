using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Informers;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Discovery;

/// <summary>Local copies of what the gateway decides by.</summary>
internal sealed class ClusterCatalog
{
    private const string ToolServerKind = "toolserver";
    private readonly InformerSet _informers;

    public ClusterCatalog(KubeConnection kube, ILoggerFactory logs)
    {
        _informers = new InformerSet(kube, logs);
        var ofToolServers = new InformerOptions { LabelSelector = $"{ApiGroup.KindLabel}={ToolServerKind}" };
        Agents = _informers.For<Agent>();
        ToolServers = _informers.For<ToolServer>();
        Models = _informers.For<ModelConfig>();
        Policies = _informers.For<AgentPolicy>();
        ClusterPolicies = _informers.For<ClusterAgentPolicy>();
        Budgets = _informers.For<AgentBudget>();
        ClusterBudgets = _informers.For<ClusterAgentBudget>();
        ToolServices = _informers.For<Service>(ofToolServers);
        ToolPods = _informers.For<Pod>(ofToolServers);
    }

    internal Informer<Agent> Agents { get; }

    internal Informer<ToolServer> ToolServers { get; }

    internal Informer<ModelConfig> Models { get; }

    internal Informer<AgentPolicy> Policies { get; }

    internal Informer<ClusterAgentPolicy> ClusterPolicies { get; }

    internal Informer<AgentBudget> Budgets { get; }

    internal Informer<ClusterAgentBudget> ClusterBudgets { get; }

    /// <summary>Services in front of tool servers' pods.</summary>
    internal Informer<Service> ToolServices { get; }

    internal Informer<Pod> ToolPods { get; }

    internal Task RunAsync(CancellationToken ct) => _informers.RunAsync(ct);

    internal Task WaitForSyncAsync(CancellationToken ct) => _informers.WaitForSyncAsync(ct);

    /// <summary>The ToolServer that a child belongs to, by its labels.</summary>
    internal static NamespacedName? ServerOf(KubeObject child) =>
        child.Metadata.Labels?.TryGetValue(ApiGroup.NameLabel, out var name) is true ? new NamespacedName(child.Metadata.Namespace ?? "", name) : null;

    /// <summary>Where a tool server answers; null while it has no Service with an address.</summary>
    internal Uri? AddressOf(NamespacedName server)
    {
        var service = ToolServices.Items.FirstOrDefault(s => ServerOf(s) == server);
        var port = service?.Spec.Ports is [var first, ..] ? first.Port : 8443;
        return service?.Spec.ClusterIP is { Length: > 0 } ip && ip != "None" ? new UriBuilder(Uri.UriSchemeHttps, ip, port, "/mcp").Uri : null;
    }

    /// <summary>Changes whenever a pod of the server is replaced, restarted or becomes ready.</summary>
    internal string PodsOf(NamespacedName server) => string.Join(' ', ToolPods.Items
        .Where(pod => ServerOf(pod) == server && pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) is true)
        .Select(pod => $"{pod.Metadata.Uid}/{pod.Status!.ContainerStatuses?.Sum(c => c.RestartCount)}").Order(StringComparer.Ordinal));
}
