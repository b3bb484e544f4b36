using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.LocalCluster.Tests.Controllers;

public sealed class DeploymentTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private readonly RunningCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Deployment_WhenItsEnvironmentIsFixed_RollsOutAndBecomesReady()
    {
        const string script = "[ -n \"$DATABASE_URL\" ] || { echo 'missing DATABASE_URL'; exit 1; }; exec sleep 1000";
        await _cluster.Kube.CreateAsync(Given.Deployment("checkout", script, change: d => d.Metadata.Annotations = new Dictionary<string, string> { ["kubernetes.io/change-cause"] = "first" }));
        await _cluster.UntilAsync<Deployment>("checkout", d => d.Status?.Conditions?.Any(c => c is { Type: "Available", Status: "False" }) is true);

        // As 'kubectl set env' does it.
        await _cluster.Kube.PatchAsync<Deployment>(new("default", "checkout"), KubePatch.Json(new System.Text.Json.Nodes.JsonArray(
            System.Text.Json.Nodes.JsonNode.Parse("""{"op":"add","path":"/spec/template/spec/containers/0/env","value":[{"name":"DATABASE_URL","value":"postgres://db"}]}"""))));

        var done = await _cluster.UntilAsync<Deployment>("checkout", d =>
            d.Status?.ObservedGeneration == d.Metadata.Generation && d.Status is { AvailableReplicas: 1, Replicas: 1, UpdatedReplicas: 1 });
        var progressing = done.Status!.Conditions!.Single(c => c.Type == "Progressing");
        Assert.Equal(("True", "NewReplicaSetAvailable"), (progressing.Status, progressing.Reason));
        Assert.Equal("2", done.Metadata.Annotations!["deployment.kubernetes.io/revision"]);
        var sets = (await _cluster.Kube.ListAsync<ReplicaSet>("default", new ListOptions { LabelSelector = "app=checkout" })).Items;
        Assert.Equal(["1", "2"], sets.Select(s => s.Metadata.Annotations!["deployment.kubernetes.io/revision"]).Order());
        Assert.All(sets, s => Assert.Equal("first", s.Metadata.Annotations!["kubernetes.io/change-cause"]));
        Assert.StartsWith("Scaled up replica set checkout-", (await _cluster.EventAsync("checkout", "ScalingReplicaSet")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deployment_WhenUndone_ReusesTheOldSetUnderANewRevision()
    {
        var first = await _cluster.Kube.CreateAsync(Given.Deployment("undo", "exec sleep 1000"));
        await ReadyAsync("undo", 1);
        var template = KubeJson.Copy(first.Spec.Template);
        await SetArgsAsync("undo", "exec sleep 1001");
        await UpdatedAsync("undo", "2");

        await SetArgsAsync("undo", template.Spec.Containers[0].Args![0]);

        await UpdatedAsync("undo", "3");
        var sets = (await _cluster.Kube.ListAsync<ReplicaSet>("default", new ListOptions { LabelSelector = "app=undo" })).Items;
        Assert.Equal(2, sets.Count);
        var current = sets.Single(s => s.Spec.Replicas == 1);
        Assert.Equal(("3", "1"), (current.Metadata.Annotations!["deployment.kubernetes.io/revision"], current.Metadata.Annotations["deployment.kubernetes.io/revision-history"]));
    }

    [Fact]
    public async Task Deployment_WhenScaledAndDeleted_FollowsAndLeavesNothing()
    {
        await _cluster.Kube.CreateAsync(Given.Deployment("scale", "exec sleep 1000", replicas: 2));
        await ReadyAsync("scale", 2);

        await _cluster.Kube.PatchAsync<Deployment>(new("default", "scale"), KubePatch.Merge(new { Spec = new { Replicas = 1 } }));
        await ReadyAsync("scale", 1);
        var pod = (await _cluster.Kube.ListAsync<Pod>("default", new ListOptions { LabelSelector = "app=scale" })).Items
            .Single(p => p.Metadata.DeletionTimestamp is null);

        await _cluster.Kube.DeleteAsync<Deployment>(new("default", "scale"));
        await _cluster.GoneAsync<Pod>(pod.Metadata.Name!);
    }

    private Task<Deployment> ReadyAsync(string name, int replicas) =>
        _cluster.UntilAsync<Deployment>(name, d => d.Status is { } s && s.ObservedGeneration == d.Metadata.Generation && s.ReadyReplicas == replicas && s.Replicas == replicas);

    private Task<Deployment> UpdatedAsync(string name, string revision) => _cluster.UntilAsync<Deployment>(name, d =>
        d.Metadata.Annotations?["deployment.kubernetes.io/revision"] == revision && d.Status is { AvailableReplicas: 1, UpdatedReplicas: 1, Replicas: 1 } s && s.ObservedGeneration == d.Metadata.Generation);

    private Task SetArgsAsync(string name, string script) => _cluster.Kube.PatchAsync<Deployment>(new("default", name), KubePatch.Json(new System.Text.Json.Nodes.JsonArray(
        new System.Text.Json.Nodes.JsonObject
        {
            ["op"] = "replace", ["path"] = "/spec/template/spec/containers/0/args", ["value"] = new System.Text.Json.Nodes.JsonArray(script),
        })));
}
