using System.Text.Json.Nodes;
using static Castellan.McpServers.Tests.Cluster.ShopFixture;

namespace Castellan.McpServers.Tests.Cluster;

[Collection("shop")]
public sealed class DelegationTests(ShopFixture shop)
{
    [Theory]
    [InlineData("{}", "carries no castellan.dev/call")]
    [InlineData("""{"castellan.dev/call":"x"}""", "carries no castellan.dev/call")]
    [InlineData("""{"castellan.dev/call":{"callId":5}}""", "cannot be read")]
    [InlineData("""{"castellan.dev/call":{"user":"you"}}""", "has no callId")]
    [InlineData("""{"castellan.dev/call":{"callId":"c"}}""", "names neither an agent nor a user")]
    [InlineData("""{"castellan.dev/call":{"callId":"c","user":"system:admin"}}""", "is a name of the cluster's own parts")]
    [InlineData("""{"castellan.dev/call":{"callId":"c","user":"mallory"}}""", "name the user in spec.builtIn.impersonateUsers")]
    [InlineData("""{"castellan.dev/call":{"callId":"c","agent":{"namespace":"default","name":"x","serviceAccount":"agent-other"}}}""", "may not act for 'system:serviceaccount:default:agent-other'")]
    public async Task Call_WhenNobodyDelegatedRightly_IsRefused(string meta, string expected)
    {
        await using var server = shop.NewServer();

        var result = await server.CallAsync(Request("list", """{"kind":"pods","namespace":"shop"}""", JsonNode.Parse(meta)!.AsObject()), null, CancellationToken.None);

        Assert.True(result.IsError);
        Assert.Contains(expected, TextOf(result));
    }

    [Theory]
    [InlineData("""{"kind":"pods","nmespace":"shop"}""", "there is no argument 'nmespace'")]
    [InlineData("""{"namespace":"shop"}""", "'kind' is missing")]
    [InlineData("""{"kind":"pods","limit":0}""", "'limit' is 0; it must be a whole number from 1 to 500")]
    [InlineData("""{"kind":"pods","limit":"5"}""", "'limit' is \"5\"")]
    [InlineData("""{"kind":7}""", "'kind' is 7; it must be a text")]
    [InlineData("""{"kind":""}""", "'kind' is empty")]
    public async Task Call_WhenArgumentsDoNotFit_NamesFaultsAndArguments(string arguments, string expected)
    {
        var result = await shop.CallAsync("list", arguments);

        Assert.True(result.IsError);
        Assert.Contains(expected, TextOf(result));
        Assert.Contains("the arguments are kind, namespace (optional)", TextOf(result));
    }

    [Fact]
    public async Task List_WhenOptionalArgumentIsNull_CountsAsNotGiven() =>
        Assert.False((await shop.CallAsync("list", """{"kind":"pods","namespace":"shop","selector":null}""")).IsError is true);
}
