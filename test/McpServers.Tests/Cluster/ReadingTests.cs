using Castellan.McpServers.Cluster;
using static Castellan.McpServers.Tests.Cluster.ShopFixture;

namespace Castellan.McpServers.Tests.Cluster;

[Collection("shop")]
public sealed class ReadingTests(ShopFixture shop)
{
    [Theory]
    [InlineData("pods")]
    [InlineData("Pod")]
    [InlineData("po")]
    public async Task List_WhenPodsAreAskedForByAnyName_PutsTheSickFirst(string kind)
    {
        var result = await shop.CallAsync("list", $$"""{"kind":"{{kind}}","namespace":"shop"}""");

        var data = DataOf(result);
        Assert.Equal((2, "Pod"), ((int)data["total"]!, (string?)data["kind"]));
        var sick = data["items"]![0]!;
        Assert.Equal(("checkout-1", "CrashLoopBackOff", "0/1", 3, false),
            ((string?)sick["name"], (string?)sick["status"], (string?)sick["ready"], (int)sick["restarts"]!, (bool)sick["healthy"]!));
        Assert.Equal(78, (int)sick["containers"]![0]!["lastExitCode"]!);
        Assert.Contains("checkout: waiting CrashLoopBackOff, last exit 78", TextOf(result));
    }

    [Fact]
    public async Task List_WhenKindIsNotPod_ShowsTheServersColumns()
    {
        var data = DataOf(await shop.CallAsync("list", """{"kind":"deploy","namespace":"shop"}"""));

        var checkout = data["items"]!.AsArray().Single(i => (string?)i!["name"] == "checkout")!;
        Assert.True((string?)checkout["ready"] == "0/1", data.ToJsonString());
    }

    [Fact]
    public async Task List_WhenLimitIsReached_SaysHowManyMore()
    {
        var result = await shop.CallAsync("list", """{"kind":"pods","namespace":"shop","limit":1}""");

        Assert.Single(DataOf(result)["items"]!.AsArray());
        Assert.Contains("1 more; narrow with selector", TextOf(result));
    }

    [Fact]
    public async Task List_WhenKindIsMisspelt_SuggestsKinds()
    {
        var result = await shop.CallAsync("list", """{"kind":"deploymnt","namespace":"shop"}""");

        Assert.True(result.IsError);
        Assert.Contains("did you mean", TextOf(result));
        Assert.Contains("Deployment", TextOf(result));
    }

    [Fact]
    public async Task List_WhenAccountMayNot_SaysWhoAndWhatToDo()
    {
        var result = await shop.CallAsync("list", """{"kind":"pods","namespace":"default"}""");

        Assert.True(result.IsError);
        Assert.Contains("system:serviceaccount:default:agent-triage", TextOf(result));
        Assert.Contains("ask for a Role", TextOf(result));
    }

    [Fact]
    public async Task Get_WhenSecret_WithholdsItsData()
    {
        var result = await shop.CallAsync("get", """{"kind":"secret","name":"card-keys","namespace":"shop"}""");

        Assert.Equal("(withheld, 12 bytes)", (string?)DataOf(result)["object"]!["data"]!["key"]);
        Assert.DoesNotContain("c2VjcmV0", TextOf(result) + result.StructuredContent);
    }

    [Fact]
    public async Task Get_WhenNameIsWrong_NamesNearOnes()
    {
        var result = await shop.CallAsync("get", """{"kind":"deployment","name":"checkuot","namespace":"shop"}""");

        Assert.True(result.IsError);
        Assert.Contains("there is no Deployment 'shop/checkuot'; there are checkout", TextOf(result));
    }

    [Fact]
    public async Task Get_WhenFound_WritesYamlWithoutManagedFields()
    {
        var text = TextOf(await shop.CallAsync("get", """{"kind":"cm","name":"service-urls","namespace":"shop"}"""));

        Assert.Contains("PAYMENTS_URL: http://payments.shop.svc:8080", text);
        Assert.DoesNotContain("managedFields", text);
    }

    [Fact]
    public async Task Describe_WhenWorkloadFails_NamesTheProblems()
    {
        var result = await shop.CallAsync("describe", """{"kind":"deployment","name":"checkout","namespace":"shop"}""");

        var data = DataOf(result);
        var problems = data["problems"]!.AsArray().Select(p => (string)p!).ToList();
        Assert.Contains(problems, p => p.Contains("condition Available is False (MinimumReplicasUnavailable)"));
        Assert.Contains(problems, p => p.Contains("pod checkout-1, container checkout: waiting CrashLoopBackOff, 3 restarts, last exit 78 (Error)"));
        Assert.Contains(problems, p => p.Contains("event BackOff on Pod/checkout-1 ×6"));
        Assert.Equal("PAYMENT_URL", (string?)data["containers"]![0]!["env"]![0]!["name"]);
        Assert.Equal(78, (int)data["pods"]![0]!["containers"]![0]!["lastExitCode"]!);
        Assert.Contains("env PAYMENT_URL=http://payments.shop.svc:8080", TextOf(result));
    }

    [Fact]
    public async Task Describe_WhenNothingIsWrong_SaysSo()
    {
        var result = await shop.CallAsync("describe", """{"kind":"pod","name":"cart-1","namespace":"shop"}""");

        Assert.Empty(DataOf(result)["problems"]!.AsArray());
        Assert.Contains("none found", TextOf(result));
    }

    [Fact]
    public async Task Events_WhenRepeated_AreOneLine()
    {
        var data = DataOf(await shop.CallAsync("events", """{"namespace":"shop","kind":"Pod","name":"checkout*","type":"Warning"}"""));

        Assert.Equal(1, (int)data["total"]!);
        Assert.Equal(6, (int)data["items"]![0]!["count"]!);
    }

    [Fact]
    public async Task RolloutStatus_WhenPodsAreNotAvailable_IsNotComplete()
    {
        var result = await shop.CallAsync("rollout_status", """{"kind":"deployment","name":"checkout","namespace":"shop"}""");

        Assert.False((bool)DataOf(result)["complete"]!);
        Assert.Contains("0 of 1 updated pods available", TextOf(result));
    }

    [Fact]
    public async Task Logs_WhenContainerIsUnknown_NamesTheContainers()
    {
        var result = await shop.CallAsync("logs", """{"kind":"deployment","name":"checkout","namespace":"shop","container":"x"}""");

        Assert.Contains("pod 'checkout-1' has no container 'x'; it has checkout", TextOf(result));
    }

    [Theory]
    [InlineData("""{"kind":"pods"}""", "checkout-1")] // limited to one namespace: need not be named
    [InlineData("""{"kind":"pods","namespace":"default"}""", "outside of what this server may look into; use one of shop")]
    [InlineData("""{"kind":"nodes"}""", "limited to shop")]
    public async Task List_WhenServerIsLimited_StaysInside(string arguments, string expected) =>
        Assert.Contains(expected, TextOf(await shop.CallAsync("list", arguments, new ClusterOptions(["shop"], false))));
}
