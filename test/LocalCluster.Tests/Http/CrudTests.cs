using Castellan.Testing;

namespace Castellan.LocalCluster.Tests.Http;

public sealed class CrudTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
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
    public async Task Create_WhenNew_SetsWhatTheServerOwns()
    {
        var made = (await api.PostAsync(Maps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""")).Expect(201);
        Assert.Equal("v1", (string?)made["apiVersion"]);
        Assert.Equal("ConfigMap", (string?)made["kind"]);
        Assert.Equal("default", (string?)made["metadata.namespace"]);
        Assert.NotNull(made["metadata.uid"]);
        Assert.NotNull(made["metadata.resourceVersion"]);
        Assert.Equal(made.Text, (await api.GetAsync($"{Maps}/a")).Expect(200).Text);
    }

    [Theory]
    [InlineData("GET", Maps + "/none", null, 404, "NotFound", "configmaps \"none\" not found")]
    [InlineData("POST", Maps, """{"metadata":{"name":"kube-root-ca.crt"}}""", 409, "AlreadyExists", "configmaps \"kube-root-ca.crt\" already exists")]
    [InlineData("POST", "/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}""", 404, "NotFound", "namespaces \"nowhere\" not found")]
    [InlineData("POST", Maps, """{"metadata":{"name":"A_b"}}""", 422, "Invalid", null)]
    [InlineData("POST", Maps, """{"kind":"Secret","metadata":{"name":"a"}}""", 400, "BadRequest", null)]
    [InlineData("POST", Maps, """{"metadata":{"name":"a"}""", 400, "BadRequest", null)]
    [InlineData("DELETE", "/api/v1/namespaces/default", null, 403, "Forbidden", "namespaces \"default\" is forbidden: this namespace may not be deleted")]
    [InlineData("GET", "/apis/none.example/v1/things", null, 404, "NotFound", "the server could not find the requested resource")]
    public async Task Request_WhenWrong_AnswersTheRealServersStatus(string method, string path, string? body, int code, string reason, string? message)
    {
        var answer = (await api.SendAsync(new HttpMethod(method), path, body, "application/json")).Expect(code);
        Assert.Equal("Status", (string?)answer["kind"]);
        Assert.Equal(reason, answer.Reason);
        if (message is not null) Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Update_WhenResourceVersionIsOld_Conflicts()
    {
        var first = (await api.PostAsync(Maps, """{"metadata":{"name":"a"},"data":{"k":"1"}}""")).Expect(201);
        (await api.PatchAsync($"{Maps}/a", """{"data":{"k":"2"}}""")).Expect(200);
        var stale = (await api.PutAsync($"{Maps}/a", first.Text)).Expect(409);
        Assert.Equal("Conflict", stale.Reason);
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", stale.Message);
    }

    [Fact]
    public async Task Patch_WhenNothingChanges_KeepsTheResourceVersion()
    {
        var made = (await api.PostAsync(Maps, """{"metadata":{"name":"a"},"data":{"k":"1"}}""")).Expect(201);
        var same = (await api.PatchAsync($"{Maps}/a", """{"data":{"k":"1"}}""")).Expect(200);
        Assert.Equal((string?)made["metadata.resourceVersion"], (string?)same["metadata.resourceVersion"]);
    }

    [Fact]
    public async Task Delete_WhenFinalizerHolds_WaitsForIt()
    {
        (await api.PostAsync(Maps, """{"metadata":{"name":"a","finalizers":["example.com/hold"]}}""")).Expect(201);
        var marked = (await api.DeleteAsync($"{Maps}/a")).Expect(200);
        Assert.NotNull(marked["metadata.deletionTimestamp"]);
        (await api.PatchAsync($"{Maps}/a", """{"metadata":{"finalizers":null}}""")).Expect(200);
        (await api.GetAsync($"{Maps}/a")).Expect(404);
    }

    [Fact]
    public async Task List_WhenSelectedAndPaged_AnswersEachOnce()
    {
        for (var i = 0; i < 7; i++)
        {
            (await api.PostAsync(Maps, $$$"""{"metadata":{"name":"m{{{i}}}","labels":{"parity":"{{{(i % 2 == 0 ? "even" : "odd")}}}"} } }""")).Expect(201);
        }
        var names = new List<string>();
        var token = "";
        do
        {
            var page = (await api.GetAsync($"{Maps}?labelSelector=parity%20in%20(even)&limit=3&continue={token}")).Expect(200);
            names.AddRange(page["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
            token = (string?)page["metadata.continue"] ?? "";
        }
        while (token.Length > 0);
        Assert.Equal(["m0", "m2", "m4", "m6"], names);
    }

    [Fact]
    public async Task Watch_WhenSelectorStopsMatching_SaysDeleted()
    {
        var version = (string)(await api.GetAsync(Maps))["metadata.resourceVersion"]!;
        (await api.PostAsync(Maps, """{"metadata":{"name":"a","labels":{"x":"1"}}}""")).Expect(201);
        (await api.PatchAsync($"{Maps}/a", """{"data":{"k":"1"}}""")).Expect(200);
        (await api.PatchAsync($"{Maps}/a", """{"metadata":{"labels":{"x":"2"}}}""")).Expect(200);
        var types = new List<string>();
        await foreach (var e in api.WatchAsync($"{Maps}?watch=true&labelSelector=x=1&resourceVersion={version}"))
        {
            types.Add((string)e["type"]!);
            if (types.Count == 3) break;
        }
        Assert.Equal(["ADDED", "MODIFIED", "DELETED"], types);
    }

    [Fact]
    public async Task Restart_WhenStateIsStored_KeepsEverything()
    {
        var folder = Directory.CreateTempSubdirectory("castellan-test-").FullName;
        string text, token;
        await using (var first = await TestCluster.StartAsync(folder))
        {
            using var client = ApiClient.Admin(first);
            text = (await client.PostAsync(Maps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""")).Expect(201).Text;
            token = first.Cluster.CreateToken("you", "system:masters");
        }
        await using var second = await TestCluster.StartAsync(folder);
        using var again = ApiClient.WithToken(second, token);
        Assert.Equal(text, (await again.GetAsync($"{Maps}/a")).Expect(200).Text);
    }

    [Fact]
    public async Task Namespace_WhenDeleted_TakesItsContentAlong()
    {
        var made = (await api.PostAsync("/api/v1/namespaces", """{"metadata":{"name":"shop"}}""")).Expect(201);
        (await api.PostAsync("/api/v1/namespaces/shop/configmaps", """{"metadata":{"name":"a"}}""")).Expect(201);
        (await api.DeleteAsync("/api/v1/namespaces/shop")).Expect(200);
        await foreach (var e in api.WatchAsync($"/api/v1/namespaces?watch=true&fieldSelector=metadata.name=shop&resourceVersion={made["metadata.resourceVersion"]}"))
        {
            if ((string)e["type"]! == "DELETED") break;
        }
        (await api.GetAsync("/api/v1/namespaces/shop/configmaps/a")).Expect(404);
    }
}
