using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Access;
using Castellan.KubeApi.Core;
using Castellan.SpiffeIdentity;
using Castellan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.SpiffeServer.Tests.Pods;

/// <summary>A cluster and a SPIFFE server that issues to its pods; pods are objects only, and a folder is what the kubelet would project.</summary>
public sealed class PodWorld : IAsyncLifetime
{
    public const string Namespace = "default";
    private readonly string _directory = Directory.CreateTempSubdirectory("pods").FullName;
    private readonly List<IAsyncDisposable> _parts = [];
    private TestCluster _cluster = null!;

    public SpiffeServerHost Server { get; private set; } = null!;

    public Castellan.KubeClient.KubeConnection Kube => _cluster.Admin;

    public Authority Authority => Server.Authority;

    public CancellationToken Patience { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(4)).Token;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync();
        await _cluster.Admin.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = WorkloadNames.SystemNamespace } });
        foreach (var account in new[] { "agent-triage", "other" })
        {
            await _cluster.Admin.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = account, Namespace = Namespace } });
        }

        Server = await SpiffeServerHost.StartAsync(
            new() { TrustDomain = "castellan.local", DataDirectory = Path.Combine(_directory, "data"), PodApi = "127.0.0.1:0" },
            _cluster.Admin, NullLoggerFactory.Instance, TimeProvider.System, default);
    }

    public async Task DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        await Server.DisposeAsync();
        await _cluster.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>The ConfigMap that the server publishes, once it is there and as described.</summary>
    public async Task<ConfigMap> PublishedAsync(Func<ConfigMap, bool> until)
    {
        await foreach (var change in _cluster.Admin.WatchAsync<ConfigMap>(WorkloadNames.SystemNamespace, ct: Patience))
        {
            if (change.Object is { } map && map.Metadata.Name == TrustConfig.ConfigMap && until(map))
            {
                return map;
            }
        }

        throw new InvalidOperationException("the watch ended");
    }

    public Task<Pod> CreatePodAsync(string account) => _cluster.Admin.CreateAsync(new Pod
    {
        Metadata = new ObjectMeta { Name = $"pod-{Guid.NewGuid():N}"[..12], Namespace = Namespace },
        Spec = new PodSpec { ServiceAccountName = account, Containers = [new Container { Name = "castellan", Image = "example.test/x:1" }] },
    });

    public Task DeleteAsync(Pod pod) => _cluster.Admin.DeleteAsync<Pod>(pod.Key, new() { GracePeriodSeconds = 0 });

    /// <summary>A token as the kubelet asks for one; bound to a pod if one is given.</summary>
    public async Task<string> TokenAsync(string account, Pod? pod, string? audience = TrustConfig.TokenAudience)
    {
        var spec = new TokenRequestSpec { Audiences = audience is null ? [] : [audience] };
        if (pod is not null)
        {
            spec.BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };
        }

        return (await _cluster.Admin.CreateTokenAsync(new NamespacedName(Namespace, account), spec)).Status!.Token!;
    }

    /// <summary>What the agent in a pod would do with this token: the issuer, and the socket that it serves.</summary>
    internal async Task<PodAgent> AgentAsync(string token, Authority? pinned = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_directory, Guid.NewGuid().ToString("N")[..8])).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, TrustConfig.TokenFile), token + "\n");
        await File.WriteAllBytesAsync(Path.Combine(folder, TrustConfig.BundleKey), (pinned ?? Authority).Bundle.Export());
        var agent = await PodAgent.StartAsync(Server.PodApiAddress!, folder);
        _parts.Add(agent);
        return agent;
    }
}

/// <summary>The agent of one pod.</summary>
internal sealed record PodAgent(string Folder, PodIssuer Issuer, WorkloadApiServer Socket) : IAsyncDisposable
{
    public static async Task<PodAgent> StartAsync(Uri server, string folder)
    {
        var issuer = PodIssuer.Open(
            new()
            {
                Server = server,
                ServerId = SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/spiffe-server"),
                TokenFile = Path.Combine(folder, TrustConfig.TokenFile),
                BundleFile = Path.Combine(folder, TrustConfig.BundleKey),
            }, NullLogger.Instance);
        var socket = await WorkloadApiServer.StartAsync(new() { SocketPath = Path.Combine(folder, "w.sock"), Callers = WorkloadCallers.WhoeverReachesTheSocket }, issuer, null, default);
        return new(folder, issuer, socket);
    }

    public WorkloadApiClient Client() => new(Socket.Address);

    public async ValueTask DisposeAsync()
    {
        await Socket.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
