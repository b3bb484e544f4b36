using Castellan.Testing;

namespace Castellan.LocalCluster.Tests.Http;

public sealed class ApplyTests : IAsyncLifetime
{
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private TestCluster cluster = null!;
    private ApiClient api = null!;

    public async Task InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        api = ApiClient.Admin(cluster);
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Apply_WhenManagerDropsFields_RemovesThemAndKeepsOthers()
    {
        (await api.ApplyAsync($"{Deployments}/web", Deployment("""{"name":"A","value":"1"},{"name":"B","value":"2"}"""), "one")).Expect(201);
        (await api.PatchAsync($"{Deployments}/web?fieldManager=other", """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"X","value":"9"}]}]}}}}""",
            "application/strategic-merge-patch+json")).Expect(200);
        var applied = (await api.ApplyAsync($"{Deployments}/web", Deployment("""{"name":"A","value":"3"}"""), "one")).Expect(200);
        Assert.Equal(["A=3", "X=9"], applied["spec.template.spec.containers.0.env"]!.AsArray().Select(e => $"{e!["name"]}={e["value"]}").Order());
    }

    [Fact]
    public async Task Apply_WhenAnotherManagerOwnsAField_ConflictsUnlessForced()
    {
        (await api.ApplyAsync($"{Deployments}/web", Deployment("", 2), "one")).Expect(201);
        var conflict = (await api.ApplyAsync($"{Deployments}/web", Deployment("", 3), "two")).Expect(409);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.replicas", conflict.Message);
        Assert.Equal("FieldManagerConflict", (string?)conflict["details.causes.0.reason"]);
        (await api.ApplyAsync($"{Deployments}/web", Deployment("", 3), "two", force: true)).Expect(200);
        conflict = (await api.ApplyAsync($"{Deployments}/web", Deployment("", 2), "one")).Expect(409);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"two\": .spec.replicas", conflict.Message);
    }

    [Fact]
    public async Task Apply_WhenTwoManagersAgree_TheyShareTheField()
    {
        (await api.ApplyAsync($"{Deployments}/web", Deployment("", 2), "one")).Expect(201);
        (await api.ApplyAsync($"{Deployments}/web", Deployment("", 2), "two")).Expect(200);
        var left = (await api.ApplyAsync($"{Deployments}/web", Deployment(""), "one")).Expect(200);
        Assert.Equal(2, (int)left["spec.replicas"]!);
    }

    [Fact]
    public async Task Apply_WhenNothingChanges_KeepsTheResourceVersion()
    {
        var first = (await api.ApplyAsync($"{Deployments}/web", Deployment("", 2), "one")).Expect(201);
        cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = (await api.ApplyAsync($"{Deployments}/web", Deployment("", 2), "one")).Expect(200);
        Assert.Equal((string?)first["metadata.resourceVersion"], (string?)second["metadata.resourceVersion"]);
    }

    [Theory]
    [InlineData("application/json-patch+json", """[{"op":"test","path":"/spec/replicas","value":2},{"op":"replace","path":"/spec/replicas","value":4}]""", 200)]
    [InlineData("application/json-patch+json", """[{"op":"test","path":"/spec/replicas","value":3}]""", 422)]
    [InlineData("application/json-patch+json", """[{"op":"remove","path":"/spec/none"}]""", 422)]
    [InlineData("application/merge-patch+json", """{"spec":{"replicas":4}}""", 200)]
    [InlineData("application/strategic-merge-patch+json", """{"spec":{"replicas":4,"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""", 200)]
    [InlineData("application/strategic-merge-patch+json", """{"spec":{"replicas":4,"template":{"spec":{"containers":[{"$patch":"delete","name":"none"}]}}}}""", 200)]
    [InlineData("application/unknown", "{}", 415)]
    public async Task Patch_OfEachType_DoesWhatItsSpecificationSays(string type, string patch, int code)
    {
        (await api.ApplyAsync($"{Deployments}/web", Deployment("", 2), "one")).Expect(201);
        var answer = (await api.PatchAsync($"{Deployments}/web", patch, type)).Expect(code);
        if (code == 200) Assert.Equal(4, (int)answer["spec.replicas"]!);
    }

    private static string Deployment(string env, int? replicas = null) =>
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{REPLICAS"selector":{"matchLabels":{"app":"web"}},"""
            .Replace("REPLICAS", replicas is null ? "" : $"\"replicas\":{replicas},", StringComparison.Ordinal)
        + """ "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"busybox:1.36","env":[ENV]}]}}}}"""
            .Replace("ENV", env, StringComparison.Ordinal);
}
