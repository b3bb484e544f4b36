using System.Security.Cryptography.X509Certificates;
using Castellan.LocalCluster.Admission;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Authorization;
using Castellan.LocalCluster.Bootstrap;
using Castellan.LocalCluster.BuiltIn;
using Castellan.LocalCluster.Collection;
using Castellan.LocalCluster.CustomResources;
using Castellan.LocalCluster.Discovery;
using Castellan.LocalCluster.Endpoints;
using Castellan.LocalCluster.OpenApi;
using Castellan.LocalCluster.Pki;
using Castellan.LocalCluster.Pods;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>The API server: store, rules, collectors and listener, wired together.</summary>
internal sealed class KubeApiServer : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly List<IAsyncDisposable> running = [];
    private readonly List<IDisposable> resources = [];

    private KubeApiServer()
    {
    }

    public required ClusterAuthority Authority { get; init; }

    public required StaticTokens Tokens { get; init; }

    public int Port { get; private set; }

    /// <summary>Opens the data directory and serves on loopback; when it returns, bootstrap objects exist and CRDs are served.</summary>
    public static async Task<KubeApiServer> StartAsync(ApiServerOptions options, IPodLogs logs, CancellationToken ct)
    {
        var pki = Path.Combine(options.DataDirectory, "pki");
        var server = new KubeApiServer
        {
            Authority = ClusterAuthority.Open(pki, options.Clock),
            Tokens = StaticTokens.Open(Path.Combine(pki, "tokens.json")),
        };
        server.resources.Add(server.Authority);
        try
        {
            await server.ServeAsync(options, logs, ct).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync().ConfigureAwait(false);
        for (var i = running.Count - 1; i >= 0; i--) await running[i].DisposeAsync().ConfigureAwait(false);
        foreach (var resource in resources) resource.Dispose();
        stopping.Dispose();
    }

    private async Task ServeAsync(ApiServerOptions options, IPodLogs logs, CancellationToken ct)
    {
        var (clock, loggers) = (options.Clock, options.Loggers);
        var store = ObjectStore.Open(Path.Combine(options.DataDirectory, "store"), options.FlushToDisk, loggers.CreateLogger<ObjectStore>());
        running.Add(store);
        var registry = new ResourceRegistry(BuiltInResources.All());
        var authorizer = new RbacAuthorizer(store);
        var writer = new ObjectWriter(store, registry, clock, Admissions(store, authorizer, options.Addresses));
        var catalog = new CustomResourceCatalog(writer, loggers.CreateLogger<CustomResourceCatalog>());
        await FollowAsync(catalog, ct).ConfigureAwait(false);
        await new BootstrapObjects(writer, Authority.CertificatePem).EnsureAsync(ct).ConfigureAwait(false);
        await FollowAsync(new NamespaceContents(writer, Authority.CertificatePem, loggers.CreateLogger<NamespaceContents>()), ct).ConfigureAwait(false);
        await FollowAsync(new GarbageCollector(writer, loggers.CreateLogger<GarbageCollector>()), ct).ConfigureAwait(false);
        await FollowAsync(new NamespaceCollector(writer, loggers.CreateLogger<NamespaceCollector>()), ct).ConfigureAwait(false);
        var accounts = ServiceAccountTokens.Open(Path.Combine(options.DataDirectory, "pki", "service-accounts.key"), store, clock);
        resources.Add(accounts);
        var authenticator = new Authenticator(Authority, Tokens, accounts, clock);
        var router = Router(writer, authorizer, authenticator, accounts, logs);
        var pipeline = new RequestPipeline(authenticator, authorizer, registry, router, loggers.CreateLogger<RequestPipeline>());
        var certificate = Authority.IssueServer();
        resources.Add(certificate);
        var listener = await ApiListener.StartAsync(options.Port, certificate, pipeline.HandleAsync, loggers, ct).ConfigureAwait(false);
        running.Add(listener);
        Port = listener.Port;
    }

    private static IReadOnlyList<IAdmission> Admissions(ObjectStore store, RbacAuthorizer authorizer, LoopbackRange addresses) =>
        [new NamespaceLifecycle(store), new ServiceAccountAdmission(store), new ServiceAddresses(store, addresses), new RbacEscalation(authorizer)];

    private RequestRouter Router(ObjectWriter writer, RbacAuthorizer authorizer, Authenticator authenticator, ServiceAccountTokens accounts, IPodLogs logs)
    {
        var reads = new ReadEndpoints(writer.Store, writer.Clock);
        var writes = new WriteEndpoints(writer, reads);
        var subresources = new SubresourceEndpoints(
            new ScaleEndpoint(writer), new PodEndpoints(writer, logs), new TokenEndpoint(writer.Store, accounts), new ReviewEndpoints(authenticator, authorizer), writes);
        return new RequestRouter(
            new DiscoveryEndpoint(writer.Registry, new OpenApiEndpoint(writer.Registry, writer.Store)), reads, new WatchEndpoint(writer.Store, writer.Clock, stopping.Token), writes, subresources);
    }

    private async Task FollowAsync(StoreFollower follower, CancellationToken ct)
    {
        await follower.StartAsync(ct).ConfigureAwait(false);
        running.Add(follower);
    }
}
