using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.McpServers.Cluster;
using static Castellan.McpServers.Tests.Cluster.ShopFixture;

namespace Castellan.McpServers.Tests.Cluster;

[Collection("shop")]
public sealed class WritingTests(ShopFixture shop)
{
    [Fact]
    public async Task SetEnv_WhenVariablesDiffer_SetsAndRemovesOnlyThose()
    {
        var name = await CopyAsync();

        var result = await shop.CallAsync("set_env", $$$"""{"kind":"deployment","name":"{{{name}}}","namespace":"shop","env":{"PAYMENTS_URL":"http://p","PAYMENT_URL":null} }""");
        var again = await shop.CallAsync("set_env", $$$"""{"kind":"deployment","name":"{{{name}}}","namespace":"shop","env":{"PAYMENTS_URL":"http://p"} }""");

        Assert.Equal(["removed PAYMENT_URL", "set PAYMENTS_URL=http://p"], DataOf(result)["changes"]!.AsArray().Select(c => (string)c!));
        Assert.Contains("nothing changed", TextOf(again));
        var env = (await ReadAsync(name))["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray();
        Assert.Equal(["MODE=live", "PAYMENTS_URL=http://p"], env.Select(e => $"{e!["name"]}={e["value"]}"));
    }

    [Fact]
    public async Task Scale_WhenAsked_SetsReplicas()
    {
        var name = await CopyAsync();

        var result = await shop.CallAsync("scale", $$"""{"kind":"deploy","name":"{{name}}","namespace":"shop","replicas":3}""");

        Assert.Equal((1, 3), ((int)DataOf(result)["before"]!, (int)DataOf(result)["replicas"]!));
        Assert.Equal(3, (int)(await ReadAsync(name))["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task Restart_WhenAsked_ChangesTheTemplate()
    {
        var name = await CopyAsync();

        await shop.CallAsync("restart", $$"""{"kind":"deployment","name":"{{name}}","namespace":"shop"}""");

        Assert.NotNull((await ReadAsync(name))["spec"]!["template"]!["metadata"]!["annotations"]!["kubectl.kubernetes.io/restartedAt"]);
    }

    [Fact]
    public async Task Patch_WhenDryRun_ShowsButStoresNothing()
    {
        var name = await CopyAsync();
        var arguments = $$$"""{"kind":"deployment","name":"{{{name}}}","namespace":"shop","patch":{"spec":{"minReadySeconds":5}},"dryRun":true}""";

        var dry = await shop.CallAsync("patch", arguments);
        var before = (await ReadAsync(name))["spec"]!["minReadySeconds"];
        var wet = await shop.CallAsync("patch", arguments.Replace("true", "false"));

        Assert.Contains("spec.minReadySeconds", TextOf(dry));
        Assert.Contains("dry run, nothing stored", TextOf(dry));
        Assert.Null(before);
        Assert.Single(DataOf(wet)["changed"]!.AsArray());
        Assert.Equal(5, (int)(await ReadAsync(name))["spec"]!["minReadySeconds"]!);
    }

    [Fact]
    public async Task Patch_WhenOperationsAreGiven_AppliesThem()
    {
        var name = await CopyAsync();

        await shop.CallAsync("patch", $$"""{"kind":"deployment","name":"{{name}}","namespace":"shop","type":"json","operations":[{"op":"replace","path":"/spec/replicas","value":2}]}""");

        Assert.Equal(2, (int)(await ReadAsync(name))["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task Patch_WhenSecret_IsRefused() =>
        Assert.Contains("cannot be changed through this server", TextOf(await shop.CallAsync("patch", """{"kind":"secret","name":"card-keys","namespace":"shop","patch":{"data":{}}}""")));

    [Fact]
    public async Task Write_WhenCallIdIsRepeated_ActsOnceAndAnswersTheSame()
    {
        var name = await CopyAsync();
        await using var server = shop.NewServer();
        var request = Request("restart", $$"""{"kind":"deployment","name":"{{name}}","namespace":"shop"}""", ForTriage("call-7"));

        var first = await server.CallAsync(request, null, CancellationToken.None);
        var generation = (long)(await ReadAsync(name))["metadata"]!["generation"]!;
        shop.Cluster.Clock.Advance(TimeSpan.FromSeconds(5));
        var second = await server.CallAsync(request, null, CancellationToken.None);
        var asked = await server.CallAsync(Request("restart", "{}", ForTriage("call-7", query: true)), null, CancellationToken.None);
        var unknown = await server.CallAsync(Request("restart", "{}", ForTriage("call-8", query: true)), null, CancellationToken.None);
        var other = await server.CallAsync(Request("scale", $$"""{"kind":"deployment","name":"{{name}}","namespace":"shop","replicas":9}""", ForTriage("call-7")), null, CancellationToken.None);

        Assert.Same(first, second);
        Assert.Same(first, asked);
        Assert.Equal("completed", (string?)asked.Meta!["castellan.dev/outcome"]);
        Assert.Equal(generation, (long)(await ReadAsync(name))["metadata"]!["generation"]!);
        Assert.Equal((true, "unknown"), (unknown.IsError, (string?)unknown.Meta!["castellan.dev/outcome"]));
        Assert.Contains("was used for another call", TextOf(other));
    }

    [Fact]
    public async Task Write_WhenServerIsReadOnly_DoesNotExist()
    {
        await using var server = shop.NewServer(new ClusterOptions([], true));

        Assert.Null(server.Find("scale"));
        Assert.NotNull(server.Find("list"));
        Assert.Contains("there is no tool 'scale'", TextOf(await server.CallAsync(Request("scale", "{}"), null, CancellationToken.None)));
    }

    private async Task<string> CopyAsync()
    {
        var copy = await shop.Cluster.Admin.GetAsync(KubeResource.Of<Deployment>(), new NamespacedName("shop", "checkout"));
        var name = "copy-" + Guid.NewGuid().ToString("N")[..8];
        copy["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "shop" };
        copy.Remove("status");
        await shop.Cluster.Admin.CreateAsync(KubeResource.Of<Deployment>(), copy);
        return name;
    }

    private Task<JsonObject> ReadAsync(string name) => shop.Cluster.Admin.GetAsync(KubeResource.Of<Deployment>(), new NamespacedName("shop", name));
}
