using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Discovery;
using Castellan.McpServers.Cluster;
using Castellan.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;

namespace Castellan.McpServers.Tests.Cluster;

/// <summary>A real API server with a shop whose checkout crashes, and the rights that the agent triage has there.</summary>
public sealed class ShopFixture : IAsyncLifetime
{
    public const string ServerAccount = "system:serviceaccount:default:tools-cluster";

    public TestCluster Cluster { get; private set; } = null!;

    public KubeConnection Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await TestCluster.StartAsync();
        Server = Cluster.As(ServerAccount, "system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated");
        var discovery = new KubeDiscovery(Cluster.Admin);
        foreach (var item in KubeYaml.Parse(Yaml))
        {
            var kind = await discovery.FindAsync((string)item["apiVersion"]!, (string)item["kind"]!);
            var created = await Cluster.Admin.CreateAsync(kind!.Resource, item.DeepClone().AsObject());
            if (item["status"] is not { } status) continue;
            var key = new NamespacedName((string)created["metadata"]!["namespace"]!, (string)created["metadata"]!["name"]!);
            await Cluster.Admin.PatchAsync(kind.Resource, key, KubePatch.Merge(new JsonObject { ["status"] = status.DeepClone() }), "status");
        }
    }

    public async Task DisposeAsync()
    {
        Server.Dispose();
        await Cluster.DisposeAsync();
    }

    internal ClusterServer NewServer(ClusterOptions? options = null) => new(Server, (options ?? new([], false)) with { TrustsGateway = true }, NullLogger<ClusterServer>.Instance);

    /// <summary>Meta of a call that the gateway makes for the agent triage.</summary>
    public static JsonObject ForTriage(string callId = "c1", bool query = false) => new()
    {
        ["castellan.dev/call"] = new JsonObject
        {
            ["callId"] = callId, ["attempt"] = 1, ["query"] = query,
            ["agent"] = new JsonObject { ["namespace"] = "default", ["name"] = "triage", ["serviceAccount"] = "agent-triage" },
        },
    };

    internal static CallToolRequestParams Request(string tool, string arguments, JsonObject? meta = null) => new()
    {
        Name = tool,
        Arguments = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(arguments),
        Meta = meta ?? ForTriage(Guid.NewGuid().ToString()),
    };

    internal async Task<CallToolResult> CallAsync(string tool, string arguments, ClusterOptions? options = null)
    {
        await using var server = NewServer(options);
        return await server.CallAsync(Request(tool, arguments), null, CancellationToken.None);
    }

    internal static string TextOf(CallToolResult result) => ((TextContentBlock)result.Content[0]).Text;

    internal static JsonNode DataOf(CallToolResult result)
    {
        Assert.True(result.IsError is not true, TextOf(result));
        return JsonNode.Parse(result.StructuredContent!.Value.GetRawText())!;
    }

    private const string Yaml = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: agent-triage, namespace: default}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: triage, namespace: shop}
        rules:
          - {apiGroups: [""], resources: [pods, pods/log, events, configmaps, services, secrets], verbs: [get, list, watch]}
          - {apiGroups: [apps], resources: [deployments, replicasets], verbs: [get, list, watch, patch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: triage, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: triage}
        subjects: [{kind: ServiceAccount, name: agent-triage, namespace: default}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: impersonator}
        rules:
          - {apiGroups: [""], resources: [serviceaccounts], verbs: [impersonate], resourceNames: [agent-triage]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: impersonator}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: impersonator}
        subjects: [{kind: ServiceAccount, name: tools-cluster, namespace: default}]
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: card-keys, namespace: shop}
        data: {key: c2VjcmV0LXZhbHVl}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: service-urls, namespace: shop}
        data: {PAYMENTS_URL: "http://payments.shop.svc:8080"}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: checkout, namespace: shop, labels: {app: checkout}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: checkout}}
          template:
            metadata: {labels: {app: checkout}}
            spec:
              containers:
                - {name: checkout, image: "busybox:1.36", command: [sh, -c, "run"], env: [{name: PAYMENT_URL, value: "http://payments.shop.svc:8080"}, {name: MODE, value: live}]}
        status:
          observedGeneration: 1
          replicas: 1
          updatedReplicas: 1
          unavailableReplicas: 1
          conditions: [{type: Available, status: "False", reason: MinimumReplicasUnavailable, message: Deployment does not have minimum availability.}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: checkout-1, namespace: shop, labels: {app: checkout}}
        spec:
          containers: [{name: checkout, image: "busybox:1.36"}]
        status:
          phase: Running
          podIP: 127.64.0.9
          containerStatuses:
            - name: checkout
              image: busybox:1.36
              imageID: x
              ready: false
              restartCount: 3
              state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s restarting failed container}}
              lastState: {terminated: {exitCode: 78, reason: Error}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: cart-1, namespace: shop, labels: {app: cart}}
        spec:
          containers: [{name: cart, image: "busybox:1.36"}]
        status:
          phase: Running
          containerStatuses: [{name: cart, image: x, imageID: x, ready: true, restartCount: 0, state: {running: {}}}]
        ---
        apiVersion: v1
        kind: Event
        metadata: {name: e1, namespace: shop}
        involvedObject: {apiVersion: v1, kind: Pod, name: checkout-1, namespace: shop}
        reason: BackOff
        message: Back-off restarting failed container checkout
        type: Warning
        count: 4
        ---
        apiVersion: v1
        kind: Event
        metadata: {name: e2, namespace: shop}
        involvedObject: {apiVersion: v1, kind: Pod, name: checkout-1, namespace: shop}
        reason: BackOff
        message: Back-off restarting failed container checkout
        type: Warning
        count: 2
        """;
}

[CollectionDefinition("shop")]
public sealed class ShopCollection : ICollectionFixture<ShopFixture>;
