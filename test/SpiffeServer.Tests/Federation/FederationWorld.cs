using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.ApiExtensions;
using Castellan.KubeClient;
using Castellan.SpiffeIdentity;
using Castellan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.SpiffeServer.Tests.Federation;

/// <summary>A cluster with FederatedTrustDomains and two SPIFFE servers: ours reads the cluster, the partner's is somebody else's.</summary>
public sealed class FederationWorld : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("federation").FullName;
    private TestCluster _cluster = null!;
    private KubeConnection _kube = null!;

    /// <summary>The clock of the cluster and of all servers; the test moves it.</summary>
    public ManualTimeProvider Clock { get; } = new();

    public SpiffeServerHost Ours { get; private set; } = null!;

    public CancellationToken Patience { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(4)).Token;

    public string WebCertificate => Path.Combine(_directory, "web.crt");

    public async Task InitializeAsync()
    {
        WriteWebCertificate();
        _cluster = await TestCluster.StartAsync(clock: Clock);
        await _cluster.Admin.CreateAsync(new Castellan.KubeApi.Core.Namespace { Metadata = new ObjectMeta { Name = "castellan-system" } });
        var crd = KubeYaml.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "crds", "castellan.dev_federatedtrustdomains.yaml"))).Single();
        await _cluster.Admin.ApplyAsync(KubeResource.Of<CustomResourceDefinition>(), crd, "test", force: true, ct: Patience);
        await foreach (var change in _cluster.Admin.WatchAsync<CustomResourceDefinition>(ct: Patience))
        {
            if (change.Object?.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) is true)
            {
                break;
            }
        }

        _kube = new KubeConnection(_cluster.Cluster.AdminConfig, Clock);
        Ours = await StartOursAsync();
    }

    public async Task DisposeAsync()
    {
        await Ours.DisposeAsync();
        _kube.Dispose();
        await _cluster.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Stops our server and starts it again on the same state.</summary>
    public async Task RestartOursAsync()
    {
        await Ours.DisposeAsync();
        Ours = await StartOursAsync();
    }

    /// <summary>A server of another trust domain, with a bundle endpoint.</summary>
    public Task<SpiffeServerHost> PartnerAsync(string trustDomain, bool isWeb = false) => SpiffeServerHost.StartAsync(
        new()
        {
            TrustDomain = trustDomain,
            DataDirectory = Path.Combine(_directory, $"{trustDomain}-{Guid.NewGuid():N}"),
            BundleEndpoint = "127.0.0.1:0",
            BundleEndpointCertificateFile = isWeb ? WebCertificate : "",
            BundleEndpointKeyFile = isWeb ? Path.Combine(_directory, "web.key") : "",
        }, NullLoggerFactory.Instance, Clock, default);

    public Task<FederatedTrustDomain> FederateAsync(SpiffeServerHost partner, Action<FederatedTrustDomainSpec>? with = null, Uri? url = null)
    {
        var spec = new FederatedTrustDomainSpec
        {
            TrustDomain = partner.Authority.TrustDomain.Name,
            BundleEndpointUrl = (url ?? partner.BundleEndpointAddress!).AbsoluteUri,
            Profile = BundleEndpointProfile.HttpsSpiffe,
            EndpointSpiffeId = $"spiffe://{partner.Authority.TrustDomain}/ns/castellan-system/sa/spiffe-server",
            TrustDomainBundle = System.Text.Encoding.UTF8.GetString(partner.Authority.Bundle.Export()),
        };
        with?.Invoke(spec);
        return _cluster.Admin.CreateAsync(new FederatedTrustDomain { Metadata = new ObjectMeta { Name = $"f-{Guid.NewGuid():N}"[..12] }, Spec = spec }, ct: Patience);
    }

    public Task DeleteAsync(FederatedTrustDomain resource) => _cluster.Admin.DeleteAsync<FederatedTrustDomain>(resource.Key, ct: Patience);

    /// <summary>Waits for what the status says of the newest spec.</summary>
    public async Task<FederatedTrustDomainStatus> StatusAsync(FederatedTrustDomain resource, Func<FederatedTrustDomainStatus, bool> until)
    {
        while (true) // a watch ends when the clock passes its time
        {
            await foreach (var change in _cluster.Admin.WatchAsync<FederatedTrustDomain>(options: new WatchOptions { FieldSelector = $"metadata.name={resource.Metadata.Name}" }, ct: Patience))
            {
                if (change.Object?.Status is { } status && until(status))
                {
                    return status;
                }
            }
        }
    }

    public async Task<FederatedTrustDomainStatus> ReasonAsync(FederatedTrustDomain resource, string reason) =>
        await StatusAsync(resource, s => Conditions.Find(s.Conditions, ApiGroup.ReadyCondition)?.Reason == reason);

    /// <summary>Moves the clock until what is waited for has come: the loop may set its timer after the first move.</summary>
    public async Task<T> AdvanceUntilAsync<T>(Task<T> waited)
    {
        while (!waited.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(waited, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Patience));
            Patience.ThrowIfCancellationRequested();
        }

        return await waited;
    }

    private Task<SpiffeServerHost> StartOursAsync() => SpiffeServerHost.StartAsync(
        new() { TrustDomain = "castellan.local", DataDirectory = Path.Combine(_directory, "ours"), BundleEndpoint = "127.0.0.1:0", FederationCaFile = WebCertificate },
        _kube, NullLoggerFactory.Instance, Clock, default);

    private void WriteWebCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=partner", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(WebCertificate, certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "web.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
