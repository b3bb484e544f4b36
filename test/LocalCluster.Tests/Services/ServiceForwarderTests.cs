using System.Net;
using System.Net.Sockets;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.LocalCluster.Tests.Services;

public sealed class ServiceForwarderTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private const string Server = """
        $s = IO::Socket::INET->new(LocalAddr => $ENV{POD_IP}, LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die $!;
        while ($c = $s->accept) { while (<$c>) { last if /^\r?$/ } print $c "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"; close $c }
        """;
    private readonly RunningCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Endpoints_WhenReadinessChanges_FollowIt()
    {
        await _cluster.Kube.CreateAsync(Service("gate"));
        await _cluster.RunAsync("gate", "touch $HOME/ready; exec sleep 1000", p =>
        {
            p.Metadata.Labels = new Dictionary<string, string> { ["app"] = "gate" };
            p.Spec.Containers[0].ReadinessProbe = new Probe { PeriodSeconds = 1, FailureThreshold = 1, Exec = new ExecAction { Command = ["test", "-e", "ready"] } };
        });
        await _cluster.UntilAsync<KubeApi.Core.Endpoints>("gate", e => e.Subsets?.Any(s => s.Addresses?.Count == 1) is true);

        var pod = await _cluster.Kube.GetAsync<Pod>(new("default", "gate"));
        File.Delete(Path.Combine(_cluster.PodsFolder, pod.Metadata.Uid!, "containers", "app", "home", "ready"));

        await _cluster.UntilAsync<KubeApi.Core.Endpoints>("gate", e => e.Subsets?.Any(s => s is { Addresses: null, NotReadyAddresses.Count: 1 }) is true);
        Assert.Equal("Warning", (await _cluster.EventAsync("gate", "Unhealthy")).Type);
        var slice = (await _cluster.Kube.ListAsync<EndpointSlice>("default", new ListOptions { LabelSelector = "kubernetes.io/service-name=gate" })).Items.Single();
        Assert.Equal(pod.Status!.PodIP, slice.Endpoints[0].Addresses[0]);
    }

    [Fact]
    public async Task Service_WhenPodIsReady_PassesConnectionsOn()
    {
        var service = await _cluster.Kube.CreateAsync(Service("web"));
        await _cluster.RunAsync("web", "", p =>
        {
            p.Metadata.Labels = new Dictionary<string, string> { ["app"] = "web" };
            p.Spec.Containers[0] = new Container
            {
                Name = "app", Image = "perl:5", Command = ["perl", "-MIO::Socket::INET", "-e", Server],
                Env = [new EnvVar { Name = "POD_IP", ValueFrom = new EnvVarSource { FieldRef = new FieldSelector { FieldPath = "status.podIP" } } }],
                ReadinessProbe = new Probe { PeriodSeconds = 1, HttpGet = new HttpGetAction { Path = "/", Port = 8080 } },
            };
        });
        await _cluster.UntilAsync<KubeApi.Core.Endpoints>("web", e => e.Subsets?.Any(s => s.Addresses?.Count == 1) is true);
        Assert.Matches(@"^127\.(9[6-9]|1[01]\d|12[0-7])\.", service.Spec.ClusterIP);

        using var http = new HttpClient();
        string? answer = null;
        for (var i = 0; i < 100 && answer is null; i++) answer = await TryGetAsync(http, new Uri($"http://{service.Spec.ClusterIP}:18080/"));

        Assert.Equal("hi", answer);
    }

    // The forwarder's informer may be a moment behind ours.
    private static async Task<string?> TryGetAsync(HttpClient http, Uri address)
    {
        try
        {
            return await http.GetStringAsync(address);
        }
        catch (HttpRequestException)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            return null;
        }
    }

    private static Service Service(string name) => new()
    {
        Metadata = { Name = name, Namespace = "default" },
        Spec = new ServiceSpec
        {
            Selector = new Dictionary<string, string> { ["app"] = name },
            Ports = [new ServicePort { Port = 18080, TargetPort = 8080 }],
        },
    };
}
