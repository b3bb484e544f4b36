using Castellan.AgentApi;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Crds;
using Castellan.KubeApi;
using Castellan.KubeApi.ApiExtensions;
using Castellan.KubeApi.Core;
using Castellan.KubeApi.Rbac;
using Castellan.KubeClient;
using Castellan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.AgentController.Tests.Cluster;

/// <summary>
/// An API server with our CRDs and a running operator, and a fresh namespace in it. The server is the embedded one, or the real
/// kube-apiserver that CASTELLAN_TEST_KUBECONFIG leads to.
/// </summary>
internal sealed class OperatorCluster : IAsyncDisposable
{
    public const string KubeconfigVariable = "CASTELLAN_TEST_KUBECONFIG";

    private readonly TestCluster? embedded;
    private readonly CancellationTokenSource time = new(TimeSpan.FromSeconds(180));
    private AgentControllerHost? controller;

    private OperatorCluster(KubeConnection kube, TestCluster? embedded, string ns) =>
        (Kube, this.embedded, Namespace, Pods) = (kube, embedded, ns, embedded is null ? new RealPods(this) : new PlayedPods(this));

    /// <summary>Unlimited access.</summary>
    public KubeConnection Kube { get; }

    /// <summary>A namespace of this test's own.</summary>
    public string Namespace { get; }

    /// <summary>Does what kubelets do, and where nobody else does, what the Deployment controller does.</summary>
    public IPodPlayer Pods { get; }

    /// <summary>Ends every wait when the test takes too long.</summary>
    public CancellationToken Deadline => time.Token;

    public static async Task<OperatorCluster> StartAsync(bool withController = true)
    {
        var kubeconfig = Environment.GetEnvironmentVariable(KubeconfigVariable);
        var embedded = string.IsNullOrEmpty(kubeconfig) ? await TestCluster.StartAsync() : null;
        var kube = embedded?.Admin ?? new KubeConnection(KubeConfig.Load(kubeconfig));
        var cluster = new OperatorCluster(kube, embedded, $"test-{Guid.NewGuid():N}"[..16]);
        await cluster.InstallAsync();
        await cluster.AddNamespaceAsync(cluster.Namespace);
        if (withController)
        {
            await cluster.StartControllerAsync();
        }
        return cluster;
    }

    /// <summary>Starts the operator under its own account, with the rights that deploy/rbac gives it and no others.</summary>
    public async Task StartControllerAsync(AgentControllerOptions? options = null)
    {
        var user = WorkloadNames.UserOf(WorkloadNames.SystemNamespace, "controller");
        var who = Kube.Impersonate(user, ["system:serviceaccounts", $"system:serviceaccounts:{WorkloadNames.SystemNamespace}", "system:authenticated"]);
        controller = new AgentControllerHost(who, options ?? Given.Options, NullLoggerFactory.Instance);
        await controller.StartAsync(Deadline);
        await controller.Ready.WaitAsync(Deadline);
    }

    public async Task StopControllerAsync()
    {
        if (controller is not null)
        {
            await controller.StopAsync(CancellationToken.None);
            controller.Dispose();
            controller = null;
        }
    }

    public Task<Namespace> AddNamespaceAsync(string name, Dictionary<string, string>? annotations = null) =>
        Kube.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = name, Annotations = annotations } }, ct: Deadline);

    /// <summary>Creates an object in the test's namespace.</summary>
    public Task<T> CreateAsync<T>(T value) where T : KubeObject
    {
        value.Metadata.Namespace = Namespace;
        (value.Metadata.Uid, value.Metadata.Generation) = (null, null);
        return Kube.CreateAsync(value, ct: Deadline);
    }

    public NamespacedName Key(string name) => new(Namespace, name);

    /// <summary>Reads an object of the test's namespace.</summary>
    public Task<T> GetAsync<T>(string name) where T : KubeObject => Kube.GetAsync<T>(Key(name), Deadline);

    /// <summary>Waits until an object is as described; null stands for its absence.</summary>
    public Task<T?> WaitAsync<T>(NamespacedName key, Func<T?, bool> until) where T : KubeObject => new ObjectWait<T>(Kube, key, until).RunAsync(Deadline);

    /// <summary>Waits until there is such an object and it is as described.</summary>
    public async Task<T> UntilAsync<T>(string name, Func<T, bool> until) where T : KubeObject => (await WaitAsync<T>(Key(name), o => o is not null && until(o)))!;

    /// <summary>Waits for a reason of the condition Ready that was found for the newest spec.</summary>
    public async Task<Condition> ReadyAsync<T>(string name, string reason) where T : KubeObject
    {
        var found = await UntilAsync<T>(name, o => ReadyOf(o) is { } r && r.Reason == reason && r.ObservedGeneration == o.Metadata.Generation);
        return ReadyOf(found)!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopControllerAsync();
        if (embedded is not null)
        {
            await embedded.DisposeAsync();
        }
        else
        {
            await Kube.DeleteAsync<Namespace>(new NamespacedName("", Namespace), ct: CancellationToken.None);
            Kube.Dispose();
        }
        time.Dispose();
    }

    private static KubeResource ResourceOf(System.Text.Json.Nodes.JsonObject manifest) => manifest["kind"]!.GetValue<string>() switch
    {
        nameof(Namespace) => KubeResource.Of<Namespace>(),
        nameof(ServiceAccount) => KubeResource.Of<ServiceAccount>(),
        nameof(Role) => KubeResource.Of<Role>(),
        nameof(RoleBinding) => KubeResource.Of<RoleBinding>(),
        nameof(ClusterRole) => KubeResource.Of<ClusterRole>(),
        nameof(ClusterRoleBinding) => KubeResource.Of<ClusterRoleBinding>(),
        var kind => throw new ArgumentException($"deploy/rbac holds a {kind}; teach this test to apply it"),
    };

    private static Condition? ReadyOf(KubeObject o) => Conditions.Find(
        (IEnumerable<Condition>?)((dynamic)o).Status?.Conditions, ApiGroup.ReadyCondition);

    /// <summary>Applies a manifest of deploy/.</summary>
    public async Task ApplyAsync(string file)
    {
        foreach (var manifest in KubeYaml.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, file), Deadline)))
        {
            await Kube.ApplyAsync(ResourceOf(manifest), manifest, "test", force: true, ct: Deadline);
        }
    }

    /// <summary>Applies a definition and waits until its kind is served.</summary>
    public async Task ApplyCrdAsync(System.Text.Json.Nodes.JsonObject crd)
    {
        await Kube.ApplyAsync(KubeResource.Of<CustomResourceDefinition>(), crd, "test", force: true, ct: Deadline);
        await WaitAsync<CustomResourceDefinition>(
            new NamespacedName("", crd["metadata"]!["name"]!.GetValue<string>()),
            c => c?.Status?.Conditions?.Any(x => x is { Type: "Established", Status: "True" }) is true);
    }

    private async Task InstallAsync()
    {
        await ApplyAsync(Path.Combine("rbac", "hosts.yaml"));
        await ApplyAsync(Path.Combine("rbac", "local.yaml"));
        foreach (var crd in AgentCrds.Generate())
        {
            await ApplyCrdAsync(crd);
        }
    }
}
