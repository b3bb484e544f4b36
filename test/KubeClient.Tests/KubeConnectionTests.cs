using System.Net;
using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Microsoft.AspNetCore.Http;

namespace Castellan.KubeClient.Tests;

public sealed class KubeConnectionTests
{
    private static readonly NamespacedName Key = new("default", "settings");

    [Fact]
    public async Task Create_WhenAccepted_ReturnsTheStoredObject()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);

        var stored = await kube.CreateAsync(Settings("a"));

        Assert.NotNull(stored.Metadata.Uid);
        Assert.Equal("a", (await kube.GetAsync<ConfigMap>(Key)).Data!["k"]);
        Assert.Null(await kube.FindAsync<ConfigMap>(new("default", "none")));
    }

    [Fact]
    public async Task Replace_WhenFieldIsUnknownToUs_KeepsIt()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        var resource = KubeResource.Of<Pod>();
        await kube.CreateAsync(resource, JsonNode.Parse("""
            {"metadata":{"name":"p","namespace":"default","managedFields":[{"manager":"x"}]},"spec":{"containers":[{"name":"c","stdin":true}],"dnsPolicy":"Default"}}
            """)!.AsObject());

        var pod = await kube.GetAsync<Pod>(new("default", "p"));
        pod.Spec.Containers[0].Image = "new";
        await kube.ReplaceAsync(pod);

        var raw = await kube.GetAsync(resource, new("default", "p"));
        Assert.Equal("Default", (string?)raw["spec"]!["dnsPolicy"]);
        Assert.True((bool?)raw["spec"]!["containers"]![0]!["stdin"]);
        Assert.Equal("x", (string?)raw["metadata"]!["managedFields"]![0]!["manager"]);
        Assert.Equal("new", (string?)raw["spec"]!["containers"]![0]!["image"]);
    }

    [Fact]
    public async Task Replace_WhenVersionIsOld_ThrowsConflict()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        var first = await kube.CreateAsync(Settings("a"));
        await kube.ReplaceAsync(KubeJson.Copy(first));

        var e = await Assert.ThrowsAsync<KubeException>(() => kube.ReplaceAsync(first));

        Assert.True(e.IsConflict);
        Assert.Equal("settings", e.Status.Details!.Name);
    }

    [Fact]
    public async Task List_WhenThereAreManyPages_FollowsThem()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        for (var i = 0; i < 7; i++) await kube.CreateAsync(Settings("v", $"s{i}"));

        var all = await kube.ListAsync<ConfigMap>("default", new ListOptions { Limit = 3 });

        Assert.Equal(7, all.Items.Count);
        Assert.Null(all.Metadata.Continue);
    }

    [Fact]
    public async Task Apply_WhenForced_SendsManagerAndLeavesBookkeepingOut()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        var settings = Settings("a");
        settings.Metadata.More = new Dictionary<string, System.Text.Json.JsonElement> { ["managedFields"] = System.Text.Json.JsonDocument.Parse("[]").RootElement };

        await kube.ApplyAsync(settings, "castellan", force: true);

        var sent = server.Requests.Last();
        Assert.Equal("application/apply-patch+yaml", sent.ContentType);
        Assert.Contains("fieldManager=castellan", sent.PathAndQuery, StringComparison.Ordinal);
        Assert.Contains("force=true", sent.PathAndQuery, StringComparison.Ordinal);
        Assert.DoesNotContain("managedFields", sent.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impersonate_WhenGroupsAreGiven_SendsEachAsHeader()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config with { Token = "secret" });

        await kube.Impersonate("jörg", ["a, really", "b"]).ListAsync<ConfigMap>();

        var headers = server.Requests.Last().Headers;
        Assert.Equal("Bearer secret", headers.Authorization);
        Assert.Equal(["a, really", "b"], headers["Impersonate-Group"].Select(g => g!));
        Assert.Equal("jörg", headers["Impersonate-User"]);
        Assert.DoesNotContain("secret", kube.Config.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_WhenFileChangesAndServerRefuses_IsReadAgain()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "old\n");
        await using var server = await StubApiServer.StartAsync();
        server.Override = http =>
        {
            if (http.Request.Headers.Authorization == "Bearer new") return Task.FromResult(false);
            http.Response.StatusCode = 401;
            return Task.FromResult(true);
        };
        using var kube = new KubeConnection(server.Config with { TokenFile = file });
        await Assert.ThrowsAsync<KubeException>(() => kube.ListAsync<ConfigMap>());

        await File.WriteAllTextAsync(file, "new\n");

        await kube.ListAsync<ConfigMap>();
        File.Delete(file);
    }

    [Fact]
    public async Task Send_WhenServerAsksToWait_TriesAgain()
    {
        await using var server = await StubApiServer.StartAsync();
        var refusals = 2;
        server.Override = http =>
        {
            if (refusals-- <= 0) return Task.FromResult(false);
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "0";
            return Task.FromResult(true);
        };
        using var kube = new KubeConnection(server.Config);

        await kube.CreateAsync(Settings("a"));

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Send_WhenNobodyListens_NamesTheServer()
    {
        using var kube = new KubeConnection(new KubeConfig { Server = new Uri("http://127.0.0.1:9") });

        var e = await Assert.ThrowsAsync<KubeUnreachableException>(() => kube.ListAsync<ConfigMap>());

        Assert.Contains("http://127.0.0.1:9", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_WhenAnswerIsNotAStatus_TellsItsText()
    {
        await using var server = await StubApiServer.StartAsync();
        server.Override = async http =>
        {
            http.Response.StatusCode = 502;
            await http.Response.WriteAsync("bad gateway");
            return true;
        };
        using var kube = new KubeConnection(server.Config);

        var e = await Assert.ThrowsAsync<KubeException>(() => kube.ListAsync<ConfigMap>());

        Assert.Equal(HttpStatusCode.BadGateway, e.Code);
        Assert.Contains("bad gateway", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_WhenVersionIsCompacted_ThrowsExpired()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        server.Compact();

        var e = await Assert.ThrowsAsync<KubeException>(async () =>
        {
            await foreach (var _ in kube.WatchAsync<ConfigMap>("default", new WatchOptions { ResourceVersion = "1" }))
            {
            }
        });

        Assert.True(e.IsExpired);
    }

    [Fact]
    public async Task Delete_WhenObjectIsGone_ReturnsFalse()
    {
        await using var server = await StubApiServer.StartAsync();
        using var kube = new KubeConnection(server.Config);
        await kube.CreateAsync(Settings("a"));

        Assert.True(await kube.DeleteAsync<ConfigMap>(Key));
        Assert.False(await kube.DeleteAsync<ConfigMap>(Key));
    }

    private static ConfigMap Settings(string value, string name = "settings") => new()
    {
        Metadata = { Name = name, Namespace = "default" },
        Data = new Dictionary<string, string> { ["k"] = value },
    };
}
