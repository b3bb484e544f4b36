using System.Net.Sockets;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController;
using Castellan.AgentGateway.Access;
using Castellan.AgentGateway.Hosting;
using Castellan.Cli.CommandLine;
using Castellan.KubeClient;
using Castellan.LocalCluster;
using Castellan.LocalCluster.Kubelet;
using Castellan.ServiceDefaults.Identity;
using Castellan.ServiceDefaults.Probes;
using Castellan.ServiceDefaults.Telemetry;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer;
using Microsoft.Extensions.Logging;

namespace Castellan.Cli.Local;

/// <summary>All hosts in one process, each with the rights it would have on a cluster.</summary>
internal sealed class LocalSystem : IAsyncDisposable
{
    private const string NetworksVariable = "CASTELLAN_EGRESS_NETWORKS";

    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly UpOptions _options;
    private readonly ILoggerFactory _logs;
    private readonly TimeProvider _time;
    private LocalCluster.LocalCluster _cluster = null!;
    private SpiffeServerHost _authority = null!;
    private AgentGatewayHost _gateway = null!;
    private AgentControllerHost _controller = null!;

    private LocalSystem(UpOptions options, ILoggerFactory logs, TimeProvider time) => (_options, _logs, _time) = (options, logs, time);

    public Uri ApiServer => _cluster.Server;

    public Uri Gateway => _gateway.EdgeAddress;

    /// <summary>Where metrics are read; null when none are served.</summary>
    public Uri? Metrics { get; private set; }

    public string CertificateAuthorityPem => _cluster.CertificateAuthorityPem;

    /// <summary>Starts everything; when it returns, people and pods are served.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="logs">Where the hosts log.</param>
    /// <param name="time">Clock of everything.</param>
    /// <param name="progress">Told the step under way.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="CommandFailure">A port is taken or state is damaged.</exception>
    public static async Task<LocalSystem> StartAsync(UpOptions options, ILoggerFactory logs, TimeProvider time, Action<string> progress, CancellationToken ct)
    {
        var system = new LocalSystem(options, logs, time);
        try
        {
            await system.StartMetricsAsync(ct);
            progress("starting the cluster");
            await system.StartClusterAsync(ct);
            progress("starting the identity authority");
            var identity = await system.StartIdentityAsync(ct);
            progress("starting the gateway");
            await system.StartGatewayAsync(identity, ct);
            progress("starting the controller");
            await system.StartControllerAsync(identity, ct);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs until told to stop, or until a host fails.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = ct.Register(() => stopped.TrySetResult());
        await await Task.WhenAny(stopped.Task, _controller.ExecuteTask!);
    }

    /// <summary>Stops what was started, last first.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }

    private async Task StartMetricsAsync(CancellationToken ct)
    {
        if (_options.MetricsPort is not { } port)
        {
            return;
        }
        try
        {
            Metrics = new Uri(Own(await MetricsHost.StartAsync(port, ct)).Address, MetricsPage.Path);
        }
        catch (IOException e) when (IsPortTaken(e))
        {
            throw PortTaken("--metrics-port", port, e);
        }
    }

    private async Task StartClusterAsync(CancellationToken ct)
    {
        try
        {
            _cluster = Own(await LocalCluster.LocalCluster.StartAsync(new LocalClusterOptions
            {
                DataDirectory = _options.Paths.Cluster,
                Port = _options.ApiPort,
                Clock = _time,
                LoggerFactory = _logs,
                Images = PodImages.Table(_options.Paths),
                RestartBackoff = TimeSpan.FromSeconds(1),
            }, ct));
        }
        catch (IOException e) when (IsPortTaken(e))
        {
            throw PortTaken("--api-port", _options.ApiPort, e);
        }
        using var admin = new KubeConnection(_cluster.AdminConfig, _time);
        await Bootstrap.ApplyAsync(admin, ct);
        LocalCredentials.Ensure(_options.Paths, _cluster);
        await ModelKey.EnsureAsync(admin, _options.Model, ct);
    }

    private async Task<WorkloadApiSource> StartIdentityAsync(CancellationToken ct)
    {
        KeyEncryptionKey.ReadOrCreate(_options.Paths.KeyEncryptionKey);
        _authority = Own(await SpiffeServerHost.StartAsync(new SpiffeServerOptions
        {
            TrustDomain = UpOptions.TrustDomain,
            DataDirectory = _options.Paths.Spiffe,
            KeyEncryptionKeyFile = _options.Paths.KeyEncryptionKey,
            OperatorSocket = _options.Paths.OperatorSocket,
            Exchange = { Endpoint = "127.0.0.1:0" },
        }, Connect(TrustConfig.Server), _logs, _time, ct));
        var attestor = new ProcessAttestor(_cluster.PodProcesses, TrustDomain.Parse(UpOptions.TrustDomain), RecordRefused);
        var workloadApi = Own(await WorkloadApiServer.StartAsync(new WorkloadApiServerOptions { SocketPath = _options.Paths.WorkloadSocket }, _authority.Authority, attestor, _logs, ct));
        // Over the socket, as every workload: the daemon holds no shortcut to the authority's keys.
        var source = Own(await WorkloadApiSource.StartAsync(new WorkloadApiClient(workloadApi.Address, _time), _logs.CreateLogger<WorkloadApiSource>(), ct));
        var expiry = new SvidExpiry(source);
        Own(new DisposablePart(expiry));
        await expiry.StartAsync(ct);
        return source;
    }

    // Known by the kernel's word alone, so who it is stands in the reason: the record's principal is whom an SVID proves.
    private void RecordRefused(WorkloadProcess process, PodProcess? pod, string reason) => _gateway?.Record(
        new TurnedAway("workload API", pod is null ? TurnedAway.Nobody : $"process of {pod.Namespace}/{pod.ServiceAccount}", "an SVID", reason) { Namespace = pod?.Namespace, Error = "NotAttested" });

    // Models on this machine are what local mode is for; others that are not public are named by whoever starts it.
    private static List<string> LocalNetworks() =>
        ["127.0.0.0/8", "::1/128", .. (Environment.GetEnvironmentVariable(NetworksVariable) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private async Task StartGatewayAsync(WorkloadApiSource identity, CancellationToken ct)
    {
        var certificate = _cluster.IssueServerCertificate();
        _gateway = Own(new AgentGatewayHost(new GatewaySetup
        {
            Options = new GatewayOptions
            {
                DataDirectory = _options.Paths.Gateway,
                TrustDomain = UpOptions.TrustDomain,
                EdgeAddress = $"127.0.0.1:{_options.GatewayPort}",
                Egress = { Networks = LocalNetworks() },
            },
            Kube = Connect(WorkloadNames.Gateway),
            Identity = identity,
            Denials = _authority.Authority.Denials,
            EdgeCertificate = () => certificate,
            TokenExchange = new(_authority.TokenEndpointAddress!, _authority.EndpointId),
            Clock = _time,
        }, _logs));
        try
        {
            await _gateway.StartAsync(ct);
        }
        catch (IOException e) when (IsPortTaken(e))
        {
            throw PortTaken("--gateway-port", _options.GatewayPort, e);
        }
    }

    private async Task StartControllerAsync(WorkloadApiSource identity, CancellationToken ct)
    {
        _controller = new AgentControllerHost(Connect("controller"), new AgentControllerOptions
        {
            TrustDomain = UpOptions.TrustDomain,
            Gateway = _gateway.WorkloadAddress.AbsoluteUri.TrimEnd('/'),
            Identity = IdentityMode.Node,
            WorkloadApiSocket = _options.Paths.WorkloadSocket,
            PodTelemetry = TelemetryEnvironment.ForPods(_options.Telemetry()),
            ImpersonatableUsers = [LocalCredentials.You],
            ImpersonatableGroups = [.. LocalCredentials.GroupsOf(LocalCredentials.You)],
        }, _logs, identity: new SelectedX509Source(identity, SpiffeId.ForServiceAccount(TrustDomain.Parse(UpOptions.TrustDomain), WorkloadNames.SystemNamespace, WorkloadNames.Controller)));
        Own(new StoppingPart(_controller));
        await _controller.StartAsync(ct);
        await _controller.Ready.WaitAsync(ct);
    }

    // A service account of castellan-system, with the rights that deploy/rbac gives it and no others.
    private KubeConnection Connect(string serviceAccount)
    {
        var user = WorkloadNames.UserOf(WorkloadNames.SystemNamespace, serviceAccount);
        var kube = new KubeConnection(_cluster.ConfigFor(user, "system:serviceaccounts", $"system:serviceaccounts:{WorkloadNames.SystemNamespace}", "system:authenticated"), _time);
        Own(new DisposablePart(kube));
        return kube;
    }

    private T Own<T>(T part) where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }

    private static bool IsPortTaken(Exception? e) =>
        e is not null && (e is Microsoft.AspNetCore.Connections.AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || IsPortTaken(e.InnerException));

    private static CommandFailure PortTaken(string option, int port, Exception inner) =>
        new($"port {port} on 127.0.0.1 is taken", $"stop what uses it (ss -ltnp 'sport = :{port}'), or choose another with {option} (0 takes any free one)", inner: inner);

    private sealed class DisposablePart(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class StoppingPart(AgentControllerHost controller) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await controller.StopAsync(CancellationToken.None);
            controller.Dispose();
        }
    }
}
