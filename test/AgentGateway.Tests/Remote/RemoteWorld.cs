using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Egress;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Tests.Remote;

/// <summary>A gateway, somebody else's tool server on this machine, and names that lead where the test says. Tests share it, and each names servers of its own.</summary>
public sealed class RemoteWorld : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, IPAddress[]> _names = new(StringComparer.OrdinalIgnoreCase);

    internal GatewayWorld Gateway { get; private set; } = null!;

    internal RemoteToolServer Server { get; private set; } = null!;

    internal RecordedLog Log { get; } = new();

    internal GatewayClient Agent { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RemoteToolServer.StartAsync();
        Lead("docs.tools.example", IPAddress.Loopback.ToString());
        Lead("rebound.tools.example", IPAddress.Loopback.ToString());
        Lead("other.example", IPAddress.Loopback.ToString());
        Lead("inside.tools.example", "10.0.0.1");
        Lead("open.tools.example", "8.8.8.8");
        var guard = new EgressGuard(new EgressRules(new EgressOptions { Networks = ["127.0.0.1/32"] }), (name, _) => Task.FromResult(_names[name]))
        {
            Trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { Server.Certificate }, RevocationMode = X509RevocationMode.NoCheck },
        };
        Gateway = await GatewayWorld.StartAsync(egress: guard, logs: Log);
        await Manifests.ApplyAsync(Gateway.Cluster.Admin, $$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: remote, namespace: default}
            stringData: {token: "{{RemoteToolServer.Token}}", wrong: another-token, short: abc}
            ---
            apiVersion: castellan.dev/v1alpha1
            kind: Agent
            metadata: {name: triage, namespace: default}
            spec:
              instructions: Find out why.
              model: {name: book}
              tools: [{server: ops, requireApproval: [scale]}, {server: docs}, {server: rebound}]
            """);
        Agent = Gateway.Agent();
        var catalog = Gateway.Gateway.Services.GetRequiredService<ClusterCatalog>();
        await Eventually.TrueAsync(() => catalog.Agents.Find(new NamespacedName("default", "triage"))?.Spec.Tools?.Count == 3);
        // What a run may use is known when it starts.
        await ApplyAsync("docs", "https://docs.tools.example:{port}/mcp");
        await ApplyAsync("rebound", "https://rebound.tools.example:{port}/mcp");
        await DiscoveredAsync("docs", found => found.Status == "True");
        await DiscoveredAsync("rebound", found => found.Status == "True");
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Server.DisposeAsync();
        Log.Dispose();
    }

    /// <summary>A run, which may use the tools that are known now.</summary>
    internal async Task<string> StartRunAsync() => (await Gateway.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;

    /// <summary>Where a name leads from now on.</summary>
    internal void Lead(string name, string address) => _names[name] = [IPAddress.Parse(address)];

    /// <param name="name">Name of the ToolServer.</param>
    /// <param name="url">Its URL, <c>{port}</c> standing for the server's port.</param>
    /// <param name="key">Key of the Secret; null for no credential.</param>
    internal Task ApplyAsync(string name, string url, string? key = "token") => Manifests.ApplyAsync(Gateway.Cluster.Admin, $$"""
        apiVersion: castellan.dev/v1alpha1
        kind: ToolServer
        metadata: {name: {{name}}, namespace: default}
        spec:
          remote:
            url: "{{url.Replace("{port}", $"{Server.Port}", StringComparison.Ordinal)}}"
            {{(key is null ? "" : $"credential: {{secret: {{name: remote, key: {key}}}}}")}}
          effects: {lookup: Read}
        """);

    /// <summary>The condition Discovered of the newest spec.</summary>
    internal async Task<Condition> DiscoveredAsync(string name, Func<Condition, bool> until)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var server = await FindAsync(name);
            if (Conditions.Find(server.Status?.Conditions, ApiGroup.DiscoveredCondition) is { } found && found.ObservedGeneration == server.Metadata.Generation && until(found))
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }

    internal Task<ToolServer> FindAsync(string name) => Gateway.Cluster.Admin.GetAsync<ToolServer>(new NamespacedName("default", name));
}
