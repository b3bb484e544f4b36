using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Tests.World;
using Castellan.KubeClient;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.AgentGateway.Tests.Calls;

/// <summary>A gateway in a process of its own, to be killed with SIGKILL: nothing of it gets a chance to tidy up.</summary>
internal sealed class CrashChild : IAsyncDisposable
{
    private readonly Process _process;

    private CrashChild(Process process) => _process = process;

    /// <summary>Starts the child against a world that has no gateway yet; its listeners become the world's.</summary>
    internal static async Task<CrashChild> StartAsync(GatewayWorld world)
    {
        var folder = Path.Combine(world.Cluster.Folder, "child");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var admin = world.Cluster.Cluster.IssueClientCertificate("castellan:admin", "system:masters");
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), world.Cluster.Cluster.CertificateAuthorityPem);
        await File.WriteAllTextAsync(Path.Combine(folder, "admin.crt"), admin.CertificatePem);
        await File.WriteAllTextAsync(Path.Combine(folder, "admin.key"), admin.KeyPem);
        await File.WriteAllBytesAsync(Path.Combine(folder, "edge.pfx"), world.EdgeCertificate.Export(X509ContentType.Pfx));
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(CrashChild).Assembly.Location, "gateway-to-be-killed", world.Cluster.Cluster.Server.ToString(), world.Cluster.Folder, folder, world.Data, world.Dapr?.Address.ToString() ?? "", world.Store])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["DAPR_API_TOKEN"] = world.Dapr?.ApiToken;
        var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var ready = (await process.StandardOutput.ReadLineAsync(deadline.Token) ?? "").Split(' ');
        Assert.Equal("ready", ready[0]);
        (world.Workload, world.Edge) = (new Uri(ready[1]), new Uri(ready[2]));
        return new CrashChild(process);
    }

    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    /// <summary>The child's side.</summary>
    internal static async Task<int> RunAsync(string[] args)
    {
        var (server, cluster, folder, data) = (args[0], args[1], args[2], args[3]);
        using var authority = await Authority.OpenAsync(new AuthorityOptions { TrustDomain = GatewayWorld.Domain, DataDirectory = Path.Combine(cluster, "authority") }, default);
        await using var identity = new AuthorityX509Source(authority, GatewayWorld.GatewayId);
        using var kube = new KubeConnection(new KubeConfig
        {
            Server = new Uri(server),
            CertificateAuthorities = [X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ca.pem"))],
            ClientCertificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "admin.crt"), Path.Combine(folder, "admin.key")),
        });
        using var edge = X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(folder, "edge.pfx"), null);
        await using var gateway = new AgentGatewayHost(
            new GatewaySetup { Options = Options(data, args[4], args[5]), Kube = kube, Identity = identity, EdgeCertificate = () => edge },
            NullLoggerFactory.Instance);
        await gateway.StartAsync(default);
        Console.WriteLine($"ready {gateway.WorkloadAddress} {gateway.EdgeAddress}");
        await Console.In.ReadLineAsync();
        return 0;
    }

    // The address comes to daprd's variable, as it would in a pod.
    private static GatewayOptions Options(string data, string dapr, string store)
    {
        var options = new GatewayOptions { DataDirectory = data, Store = store, ToolServerPatienceSeconds = 5 };
        if (dapr.Length > 0)
        {
            Environment.SetEnvironmentVariable("DAPR_GRPC_ENDPOINT", dapr);
            options.Workflows.Backend = WorkflowBackend.Dapr;
        }

        return options;
    }
}
