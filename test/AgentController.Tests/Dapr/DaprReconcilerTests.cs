using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Dapr;
using Castellan.AgentController.Tests.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.ApiExtensions;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Rbac;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Dapr;

/// <summary>The operator on Dapr, under its own account, with the rights that deploy gives it and no others.</summary>
public sealed class DaprReconcilerTests
{
    [Fact]
    public async Task Reconcile_OnDapr_SaysWhatIsMissing_AndWritesTheObjectsOnceDaprIsThere()
    {
        await using var cluster = await OperatorCluster.StartAsync(withController: false);
        foreach (var role in KubeYaml.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "dapr", "rbac.yaml"))))
        {
            await cluster.Kube.ApplyAsync(role["kind"]!.GetValue<string>() == "ClusterRole" ? KubeResource.Of<ClusterRole>() : KubeResource.Of<ClusterRoleBinding>(), role, "test", force: true, ct: cluster.Deadline);
        }

        await cluster.StartControllerAsync(DaprSidecarTests.OnDapr());
        await cluster.CreateAsync(Given.Model(ready: null));
        await cluster.CreateAsync(Given.Agent());
        Assert.Contains("install Dapr 1.18 or later", (await cluster.ReadyAsync<Agent>("triage", "DaprNotInstalled")).Message, StringComparison.Ordinal);

        await cluster.StopControllerAsync(); // it would try again in a minute
        foreach (var (plural, kind) in new[] { ("components", "Component"), ("configurations", "Configuration"), ("workflowaccesspolicies", "WorkflowAccessPolicy") })
        {
            await InstallAsync(cluster, plural, kind);
        }

        await cluster.StartControllerAsync(DaprSidecarTests.OnDapr());
        await cluster.ReadyAsync<Agent>("triage", "Progressing");
        var appId = DaprNames.AppIdOf(cluster.Namespace, "triage");
        var store = await cluster.GetAsync<DaprComponent>("agent-triage");
        Assert.Equal((appId, "triage"), (store.Scopes.Single(), store.Metadata.OwnerReferences!.Single().Name));
        Assert.Equal("deny", (await cluster.GetAsync<DaprConfiguration>("agent-triage")).Spec.AccessControl.DefaultAction);
        Assert.Equal(appId, (await cluster.GetAsync<WorkflowAccessPolicy>("agent-triage")).Spec.Rules.Single().Callers.Single().AppId);
        Assert.Equal(appId, (await cluster.GetAsync<Deployment>("agent-triage")).Spec.Template.Metadata!.Annotations!["dapr.io/app-id"]);
    }

    // Stands for Dapr's definitions: the names are theirs, the schema lets everything through.
    private static async Task InstallAsync(OperatorCluster cluster, string plural, string kind)
    {
        var name = $"{plural}.dapr.io";
        await cluster.Kube.ApplyAsync(KubeResource.Of<CustomResourceDefinition>(), KubeYaml.Parse($$"""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: {{name}}}
            spec:
              group: dapr.io
              scope: Namespaced
              names: {plural: {{plural}}, singular: {{kind.ToLowerInvariant()}}, kind: {{kind}}, listKind: {{kind}}List}
              versions:
                - name: v1alpha1
                  served: true
                  storage: true
                  schema:
                    openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """).Single(), "test", force: true, ct: cluster.Deadline);
        await cluster.WaitAsync<CustomResourceDefinition>(new NamespacedName("", name), c => c?.Status?.Conditions?.Any(x => x is { Type: "Established", Status: "True" }) is true);
    }
}
