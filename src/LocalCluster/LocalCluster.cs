using System.Security.Cryptography.X509Certificates;
using Castellan.KubeClient;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Kubelet;
using Castellan.LocalCluster.Kubelet.Logs;
using Castellan.LocalCluster.Pki;
using Castellan.LocalCluster.Pods;

namespace Castellan.LocalCluster;

/// <summary>An embedded Kubernetes cluster in this process: the API server on loopback, and what runs against it.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private readonly KubeApiServer server;
    private readonly LoopbackRange addresses;
    private LocalNode? node;

    private LocalCluster(KubeApiServer server, LoopbackRange addresses)
    {
        this.addresses = addresses;
        this.server = server;
        AdminConfig = ConfigFor("castellan:admin", UserInfo.Masters);
    }

    /// <summary>Where the API server listens.</summary>
    public Uri Server => new($"https://127.0.0.1:{server.Port}");

    /// <summary>The certificate, PEM, that signed the server's and all clients' certificates.</summary>
    public string CertificateAuthorityPem => server.Authority.CertificatePem;

    /// <summary>Unlimited access, for the hosts in this process. Not to be handed out.</summary>
    public KubeConfig AdminConfig { get; }

    /// <summary>Opens the data directory and starts the cluster; when it returns, requests are served.</summary>
    /// <exception cref="Store.JournalCorruptedException">The stored state is damaged; nothing was changed.</exception>
    /// <exception cref="IOException">Another process uses the directory or the port.</exception>
    public static async Task<LocalCluster> StartAsync(LocalClusterOptions options, CancellationToken ct = default)
    {
        var logs = new DeferredPodLogs();
        var addresses = LoopbackRange.Claim(options.DataDirectory);
        LocalCluster cluster;
        try
        {
            var settings = new ApiServerOptions(options.DataDirectory, options.Port, options.Clock, options.LoggerFactory) { FlushToDisk = options.FlushToDisk, Addresses = addresses };
            cluster = new LocalCluster(await KubeApiServer.StartAsync(settings, logs, ct).ConfigureAwait(false), addresses);
        }
        catch
        {
            addresses.Dispose();
            throw;
        }

        try
        {
            if (options.Images is not null) await cluster.StartNodeAsync(options, logs, ct).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Deletes what a stopped cluster keeps outside its data directory (the files of its pods); for a cluster that is to go for good.</summary>
    /// <param name="dataDirectory">The data directory, which may be gone already.</param>
    public static void Forget(string dataDirectory) => PodsFolder.Forget(dataDirectory);

    /// <summary>The range of the Services' addresses, in CIDR form; no other local cluster on this machine has it.</summary>
    public string ServiceCidr => addresses.ServiceCidr;

    /// <summary>Which process belongs to which pod.</summary>
    public PodProcesses PodProcesses { get; } = new();

    /// <summary>A client certificate signed by the cluster's authority, valid for a year.</summary>
    /// <param name="user">The user it names.</param>
    /// <param name="groups">The user's groups.</param>
    public ClientCertificate IssueClientCertificate(string user, params IEnumerable<string> groups) => server.Authority.IssueClient(user, groups);

    /// <summary>A new bearer token for a user; only its hash is kept. Earlier tokens stay valid.</summary>
    /// <param name="user">The user it stands for.</param>
    /// <param name="groups">The user's groups.</param>
    public string CreateToken(string user, params IEnumerable<string> groups) => server.Tokens.Create(user, groups);

    /// <summary>A server certificate for loopback with its key, signed by the cluster's authority, for a host beside the API server. The caller disposes of it.</summary>
    public X509Certificate2 IssueServerCertificate() => server.Authority.IssueServer();

    /// <summary>Whether credentials issued earlier, perhaps by an earlier start on the same data directory, still count.</summary>
    /// <param name="certificate">A client certificate.</param>
    /// <param name="token">A bearer token.</param>
    public bool Accepts(X509Certificate2 certificate, string token) => server.Authority.Trusts(certificate) && server.Tokens.Find(token) is not null;

    /// <summary>Access for a user, by a client certificate made for the purpose.</summary>
    /// <param name="user">The user.</param>
    /// <param name="groups">The user's groups.</param>
    public KubeConfig ConfigFor(string user, params IEnumerable<string> groups)
    {
        var issued = IssueClientCertificate(user, groups);
        return new KubeConfig
        {
            Server = Server,
            CertificateAuthorities = [X509Certificate2.CreateFromPem(CertificateAuthorityPem)],
            ClientCertificate = X509Certificate2.CreateFromPem(issued.CertificatePem, issued.KeyPem),
        };
    }

    /// <summary>Ends the pods' processes, stops serving and closes the store; all objects stay for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (node is not null) await node.DisposeAsync().ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
        addresses.Dispose();
    }

    private async Task StartNodeAsync(LocalClusterOptions options, DeferredPodLogs logs, CancellationToken ct)
    {
        var kubelet = new KubeletOptions
        {
            PodsDirectory = options.PodsDirectory ?? PodsFolder.Default(options.DataDirectory),
            Images = options.Images!,
            RestartBackoff = options.RestartBackoff,
            Addresses = addresses,
        };
        var podLogs = new PodLogs(kubelet.PodsDirectory);
        logs.Target = podLogs;
        var access = new NodeAccess(
            ConfigFor("system:kube-controller-manager"), ConfigFor("system:kube-scheduler"), ConfigFor($"system:node:{kubelet.NodeName}", "system:nodes"));
        node = await LocalNode.StartAsync(access, kubelet, new NodeShares(podLogs, PodProcesses), (options.LoggerFactory, options.Clock), ct).ConfigureAwait(false);
    }
}
