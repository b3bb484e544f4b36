using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Spire;
using Castellan.AgentController.Tests.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.ApiExtensions;
using Castellan.KubeApi.Apps;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Spire;

public sealed class SpireTests : IAsyncLifetime
{
    private static readonly AgentControllerOptions s_spire = new() { Identity = IdentityMode.Spire, Gateway = "https://127.0.0.1:7443", ImageTag = "test", SpireFederatesWith = ["partner.example"] };
    private OperatorCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await OperatorCluster.StartAsync(withController: false);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Spire_WhenItIsInstalledLate_RegistersEachWorkloadAndTakesTheRegistrationAwayWithIt()
    {
        await _cluster.ApplyAsync(Path.Combine("spire", "rbac.yaml"));
        await _cluster.StartControllerAsync(s_spire);
        await _cluster.CreateAsync(Given.ContainerServer());
        var missing = await _cluster.ReadyAsync<ToolServer>("files", "SpireNotInstalled");
        Assert.Contains("ClusterSPIFFEID", missing.Message, StringComparison.Ordinal);

        await _cluster.ApplyCrdAsync(Crd());
        var name = new NamespacedName("", $"castellan.{_cluster.Namespace}.tools-files");
        await TouchAsync();
        var registration = (await _cluster.WaitAsync<ClusterSpiffeId>(name, r => r is not null))!;
        Assert.Equal("spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}", registration.Spec.SpiffeIDTemplate);
        Assert.Equal(["k8s:sa:tools-files", "k8s:container-name:castellan"], registration.Spec.WorkloadSelectorTemplates!);
        Assert.Equal(_cluster.Namespace, registration.Spec.NamespaceSelector!.MatchLabels!["kubernetes.io/metadata.name"]);
        Assert.Equal(["partner.example"], registration.Spec.FederatesWith!);

        var pod = (await _cluster.WaitAsync<Deployment>(_cluster.Key("tools-files"), d => d is not null))!.Spec.Template.Spec;
        Assert.Null(pod.InitContainers);
        Assert.Equal("csi.spiffe.io", pod.Volumes!.Single(v => v.Name == "workload-api").Csi!.Driver);
        Assert.Equal(["unix:///spiffe-workload-api/spire-agent.sock"], pod.Containers.SelectMany(c => c.Env!).Where(e => e.Name == "SPIFFE_ENDPOINT_SOCKET").Select(e => e.Value));

        await _cluster.Kube.DeleteAsync<ToolServer>(_cluster.Key("files"), ct: _cluster.Deadline);
        await _cluster.WaitAsync<ClusterSpiffeId>(name, r => r is null);

        // One whose workload went while no controller ran goes when the next one starts.
        await _cluster.StopControllerAsync();
        registration.Metadata = new ObjectMeta { Name = registration.Metadata.Name, Labels = registration.Metadata.Labels };
        await _cluster.Kube.CreateAsync(registration, ct: _cluster.Deadline);
        await _cluster.StartControllerAsync(s_spire);
        await _cluster.WaitAsync<ClusterSpiffeId>(name, r => r is null);
    }

    // A change wakes the reconciler; it would come back by itself within a minute.
    private Task TouchAsync() => _cluster.Kube.PatchAsync<ToolServer>(
        _cluster.Key("files"), KubePatch.Merge(new { metadata = new { annotations = new { touched = "now" } } }), ct: _cluster.Deadline);

    // As much of SPIRE's definition as is needed to store the objects: what is not named here is kept as it is.
    private static JsonObject Crd() => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = "clusterspiffeids.spire.spiffe.io" },
        ["spec"] = new JsonObject
        {
            ["group"] = "spire.spiffe.io",
            ["scope"] = "Cluster",
            ["names"] = new JsonObject { ["kind"] = "ClusterSPIFFEID", ["listKind"] = "ClusterSPIFFEIDList", ["plural"] = "clusterspiffeids", ["singular"] = "clusterspiffeid" },
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = "v1alpha1",
                ["served"] = true,
                ["storage"] = true,
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
            }),
        },
    };
}
