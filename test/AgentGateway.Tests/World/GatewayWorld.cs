using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Egress;
using Castellan.AgentGateway.Hosting;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.Policy;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer;
using Castellan.Testing;
using Castellan.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.AgentGateway.Tests.World;

/// <summary>A gateway between a real API server, a real authority and a real tool server, all in this process.</summary>
internal sealed class GatewayWorld : IAsyncDisposable
{
    internal static readonly TrustDomain Domain = TrustDomain.Parse("castellan.local");
    internal static readonly SpiffeId GatewayId = SpiffeId.ForServiceAccount(Domain, "castellan-system", "gateway");
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<IDisposable> _clients = [];
    private AgentGatewayHost? _gateway;

    internal required TestCluster Cluster { get; init; }

    internal required SpiffeServerHost Identity { get; init; }

    internal Authority Authority => Identity.Authority;

    internal required TestToolServer Tools { get; init; }

    internal required X509Certificate2 EdgeCertificate { get; init; }

    internal AgentGatewayHost Gateway => _gateway!;

    /// <summary>The sidecar that stands in for daprd; null keeps calls in the embedded one.</summary>
    internal TaskHubEndpoint? Dapr { get; set; }

    /// <summary>The database that gateways share; empty: a file of one gateway.</summary>
    internal string Store { get; private init; } = "";

    /// <summary>Where the gateway's store is full; 0: with the disk.</summary>
    internal int StoreMaxMegabytes { get; private init; }

    /// <summary>Makes the gateway's connections to the world outside; null: to this machine as well.</summary>
    internal EgressGuard? Egress { get; private init; }

    /// <summary>Where the gateway logs.</summary>
    internal ILoggerFactory Logs { get; private init; } = NullLoggerFactory.Instance;

    internal Uri Edge { get; set; } = null!;

    internal Uri Workload { get; set; } = null!;

    internal string Data => Path.Combine(Cluster.Folder, "gateway");

    internal static async Task<GatewayWorld> StartAsync(bool withGateway = true, TaskHubEndpoint? dapr = null, string store = "", int storeMaxMegabytes = 0, EgressGuard? egress = null, ILoggerFactory? logs = null)
    {
        var cluster = await TestCluster.StartAsync();
        await Manifests.InstallAsync(cluster.Admin);
        var host = await SpiffeServerHost.StartAsync(
            new() { TrustDomain = Domain.Name, DataDirectory = Path.Combine(cluster.Folder, "authority"), Exchange = { Endpoint = "127.0.0.1:0" } }, NullLoggerFactory.Instance, TimeProvider.System, default);
        var identity = new AuthorityX509Source(host.Authority, SpiffeId.ForServiceAccount(Domain, "default", "tools-ops"));
        var world = new GatewayWorld
        {
            Cluster = cluster,
            Identity = host,
            Tools = await TestToolServer.StartAsync(cluster.Cluster, identity, GatewayId),
            EdgeCertificate = SelfSigned(),
            Dapr = dapr,
            Store = store,
            StoreMaxMegabytes = storeMaxMegabytes,
            Egress = egress,
            Logs = logs ?? NullLoggerFactory.Instance,
        };
        world._owned.Add(identity);
        await Manifests.ApplyAsync(cluster.Admin, Manifests.Spine(world.Tools.Address, world.Tools.Port));
        if (withGateway)
        {
            await world.StartGatewayAsync();
        }

        return world;
    }

    /// <param name="tools">How many of its tools can be seen when it has started.</param>
    internal async Task StartGatewayAsync(int tools = 4)
    {
        var identity = GatewayIdentity = new AuthorityX509Source(Authority, GatewayId);
        _owned.Add(identity);
        _gateway = new AgentGatewayHost(
            new GatewaySetup
            {
                Options = new GatewayOptions
                {
                    DataDirectory = Data, Store = Store, StoreMaxMegabytes = StoreMaxMegabytes, ToolServerPatienceSeconds = 5, ApprovalWaitSeconds = 30,
                    Egress = { Networks = ["127.0.0.0/8"] },
                    Workflows = { Backend = Dapr is null ? WorkflowBackend.Embedded : WorkflowBackend.Dapr },
                },
                Dapr = Dapr,
                Kube = Cluster.Admin,
                Denials = Denials,
                Egress = Egress,
                Identity = identity,
                EdgeCertificate = () => EdgeCertificate,
                TokenExchange = new(Identity.TokenEndpointAddress!, Identity.EndpointId),
            }, Logs);
        await _gateway.StartAsync(default);
        (Edge, Workload) = (_gateway.EdgeAddress, _gateway.WorkloadAddress);
        await DiscoveredAsync(tools);
    }

    internal async Task StopGatewayAsync()
    {
        if (_gateway is { } gateway)
        {
            _gateway = null;
            await gateway.DisposeAsync();
        }
    }

    /// <summary>The gateway's own identity, as it is now.</summary>
    internal AuthorityX509Source GatewayIdentity { get; private set; } = null!;

    /// <summary>Applies an AgentBudget and waits until the gateway keeps it.</summary>
    internal async Task ApplyBudgetAsync(string metadata, string spec)
    {
        var budgets = Gateway.Services.GetRequiredService<Castellan.AgentGateway.Budgets.BudgetsInForce>();
        var before = budgets.Set.All.Count;
        await Manifests.ApplyAsync(Cluster.Admin, $"apiVersion: castellan.dev/v1alpha1\nkind: AgentBudget\nmetadata: {{{metadata}}}\nspec: {spec}");
        await Eventually.TrueAsync(() => budgets.Set.All.Count > before);
    }

    /// <summary>Waits until a budget's status says that it is in force.</summary>
    internal Task ReportedAsync(string budget) => Eventually.TrueAsync(() =>
        Gateway.Services.GetRequiredService<ClusterCatalog>().Budgets.Find(new NamespacedName("default", budget)) is { } found && AgentApi.Conditions.IsTrue(found.Status?.Conditions, "Ready"));

    /// <summary>Waits until the gateway has listed the tools.</summary>
    internal Task DiscoveredAsync(int count, string server = "ops") => Eventually.TrueAsync(() => Gateway.Services.GetRequiredService<ToolCatalog>().Of(new NamespacedName("default", server)).Count == count);

    /// <summary>A second tool server, which the cluster says is one of Castellan's own.</summary>
    internal async Task<TestToolServer> StartBuiltInAsync(string name)
    {
        var identity = new AuthorityX509Source(Authority, SpiffeId.ForServiceAccount(Domain, "default", $"tools-{name}"));
        var server = await TestToolServer.StartAsync(Cluster.Cluster, identity, GatewayId, host: ".78");
        _owned.AddRange([server, identity]);
        await Manifests.ApplyAsync(Cluster.Admin, Manifests.BuiltIn(name, server.Address, server.Port));
        await DiscoveredAsync(4, name);
        return server;
    }

    /// <summary>Who is let in no more.</summary>
    internal DenialList Denials { get; } = new();

    internal Policies.PolicyInForce Policy => Gateway.Services.GetRequiredService<Policies.PolicyInForce>();

    internal string Digest(string tool) => Gateway.Services.GetRequiredService<ToolCatalog>().FindListed(new NamespacedName("default", "ops"), tool)!.Digest;

    /// <summary>The command line's side, as a user.</summary>
    internal GatewayClient As(string user, params string[] groups) => new(Http(user, groups));

    internal HttpClient Http(string user, params string[] groups)
    {
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == EdgeCertificate.GetCertHashString() } };
        var http = new HttpClient(handler) { BaseAddress = Edge, Timeout = TimeSpan.FromSeconds(60) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Cluster.Cluster.CreateToken(user, groups));
        _clients.Add(http);
        return http;
    }

    internal GatewayClient You() => As("you", "castellan:viewers", "castellan:operators");

    internal GatewayClient Approver() => As("approver", "castellan:approvers");

    /// <summary>The side of an agent's pod.</summary>
    internal GatewayClient Agent(string name = "triage")
    {
        var http = new HttpClient(SpiffeTls.CreateHandler(AgentIdentity(name), SpiffeAuthorizer.Exactly(GatewayId))) { BaseAddress = Workload, Timeout = TimeSpan.FromSeconds(60) };
        _clients.Add(http);
        return new GatewayClient(http);
    }

    /// <summary>What an agent's pod is known by.</summary>
    internal AuthorityX509Source AgentIdentity(string name = "triage")
    {
        var source = new AuthorityX509Source(Authority, SpiffeId.ForServiceAccount(Domain, "default", $"agent-{name}"));
        _owned.Add(source);
        return source;
    }

    /// <summary>A statement on an approval, signed with the cluster's certificate of a user.</summary>
    internal string Sign(Approval approval, string user = "approver", ApprovalVerdict verdict = ApprovalVerdict.Approve, params string[] groups)
    {
        var issued = Cluster.Cluster.IssueClientCertificate(user, groups.Length > 0 ? groups : ["castellan:approvers"]);
        using var certificate = X509Certificate2.CreateFromPem(issued.CertificatePem, issued.KeyPem);
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        return new ApprovalStatement(approval.CallId, approval.ArgumentsDigest, verdict, user, now, now.AddMinutes(5)).Sign(certificate);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await StopGatewayAsync();
        await Tools.DisposeAsync();
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        await Identity.DisposeAsync();
        EdgeCertificate.Dispose();
        await Cluster.DisposeAsync();
    }

    internal static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));
    }
}
