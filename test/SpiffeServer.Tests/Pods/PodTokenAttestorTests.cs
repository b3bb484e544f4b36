using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Access;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Configuration;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Pods;
using Castellan.Testing;

namespace Castellan.SpiffeServer.Tests.Pods;

/// <summary>
/// What a projected token proves, by the word of the API server that made it: the embedded one, or the real kube-apiserver that
/// CASTELLAN_TEST_KUBECONFIG leads to.
/// </summary>
[Trait("tier", "real-kubernetes")]
public sealed class PodTokenAttestorTests : IAsyncLifetime
{
    private readonly string _namespace = $"attest-{Guid.NewGuid():N}"[..16];
    private TestCluster? _embedded;
    private KubeConnection _kube = null!;
    private PodTokenAttestor _attestor = null!;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("CASTELLAN_TEST_KUBECONFIG") is { Length: > 0 } real)
        {
            _kube = new KubeConnection(KubeConfig.Load(real));
        }
        else
        {
            _embedded = await TestCluster.StartAsync();
            _kube = _embedded.Admin;
        }

        _attestor = new PodTokenAttestor(_kube, TrustDomain.Parse("castellan.local"), TrustConfig.TokenAudience);
        await _kube.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = _namespace } });
        await _kube.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Name = "agent-triage", Namespace = _namespace } });
    }

    public async Task DisposeAsync()
    {
        await _kube.DeleteAsync<Namespace>(new NamespacedName("", _namespace));
        if (_embedded is null) _kube.Dispose();
        else await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Attest_WhenTheTokenIsThePodsOwn_GivesTheIdentityOfItsAccount()
    {
        var identity = await _attestor.AttestAsync(await TokenAsync(await CreatePodAsync()), default);

        Assert.Equal($"spiffe://castellan.local/ns/{_namespace}/sa/agent-triage", identity.Id.ToString());
    }

    [Fact]
    public async Task Attest_WhenThePodIsDeleted_RefusesItsToken()
    {
        var pod = await CreatePodAsync();
        var stolen = await TokenAsync(pod);
        await _kube.DeleteAsync<Pod>(pod.Key, new() { GracePeriodSeconds = 0 });

        Assert.Equal(PodTokenFault.PodGone, await FaultAsync(stolen));
    }

    [Fact]
    public async Task Attest_WhenAnotherPodTookTheName_RefusesTheTokenOfTheFirst()
    {
        var pod = await CreatePodAsync();
        var stolen = await TokenAsync(pod);
        await _kube.DeleteAsync<Pod>(pod.Key, new() { GracePeriodSeconds = 0 });
        await CreatePodAsync(pod.Metadata.Name);

        Assert.Equal(PodTokenFault.OtherPod, await FaultAsync(stolen));
    }

    [Fact]
    public async Task Attest_WhenTheTokenIsForSomebodyElse_Refuses() =>
        Assert.Equal(PodTokenFault.OtherAudience, await FaultAsync(await TokenAsync(await CreatePodAsync(), "https://vault.example")));

    [Fact]
    public async Task Attest_WhenTheTokenIsBoundToNoPod_Refuses() => Assert.Equal(PodTokenFault.NotBoundToPod, await FaultAsync(await TokenAsync(null)));

    [Theory]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    public async Task Attest_WhenTheTokenIsForged_Refuses(string token) => Assert.Equal(PodTokenFault.NotAuthenticated, await FaultAsync(token));

    private async Task<PodTokenFault> FaultAsync(string token) => (await Assert.ThrowsAsync<PodTokenException>(async () => await _attestor.AttestAsync(token, default))).Fault;

    private Task<Pod> CreatePodAsync(string? name = null) => _kube.CreateAsync(new Pod
    {
        Metadata = new ObjectMeta { Name = name ?? $"pod-{Guid.NewGuid():N}"[..12], Namespace = _namespace },
        Spec = new PodSpec { ServiceAccountName = "agent-triage", AutomountServiceAccountToken = false, Containers = [new Container { Name = "castellan", Image = "example.test/x:1" }] },
    });

    private async Task<string> TokenAsync(Pod? pod, string audience = TrustConfig.TokenAudience)
    {
        var spec = new TokenRequestSpec { Audiences = [audience] };
        if (pod is not null)
        {
            spec.BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid };
        }

        return (await _kube.CreateTokenAsync(new NamespacedName(_namespace, "agent-triage"), spec)).Status!.Token!;
    }
}
