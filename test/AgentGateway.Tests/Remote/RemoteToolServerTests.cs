using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Tests.Remote;

/// <summary>Tools of a server that somebody else runs: like all others to agents and policy, and nothing to the network that a URL can lead into.</summary>
public sealed class RemoteToolServerTests(RemoteWorld world) : IClassFixture<RemoteWorld>
{
    [Fact]
    public async Task Call_OfARemoteTool_CarriesItsCredentialAndNothingElseOfOurs()
    {
        var tools = (await world.FindAsync("docs")).Status!.Tools!.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
        Assert.Equal((ToolEffect.Read, ToolState.Pinned), (tools["lookup"].Effect, tools["lookup"].State));
        Assert.Equal(ToolEffect.Write, tools["erase"].Effect); // whatever it says of itself

        var run = await world.StartRunAsync();
        var found = await CallAsync(run, 1, "docs__lookup");
        Assert.Equal((CallState.Completed, "found; you sent Bearer ***"), (found.State, found.Content?.Text));
        var failed = await CallAsync(run, 2, "docs__lookup", "fail");
        Assert.Equal(CallState.Failed, failed.State);
        Assert.Contains("refused: Bearer ***", failed.Message, StringComparison.Ordinal);
        Assert.Equal(CallState.Denied, (await CallAsync(run, 3, "docs__erase")).State);

        Assert.All(world.Server.Hits, hit =>
        {
            Assert.Equal(("lookup", $"Bearer {RemoteToolServer.Token}"), (hit.Tool, hit.Request!.Authorization));
            Assert.Equal(["attempt", "callId"], hit.Call.Select(member => member.Key).Order(StringComparer.Ordinal)); // who calls is not theirs to know
            Assert.DoesNotContain("spiffe:", hit.Request.Headers + hit.Meta, StringComparison.Ordinal);
        });
        Assert.DoesNotContain(world.Server.Requests, request => request.HasCertificate);
        Assert.Equal(["decided", "intent", "completed"], (await world.Gateway.You().GetAuditAsync(found.CallId, default)).Select(record => record.Stage));
        await NowhereAsync(found, failed);
    }

    [Fact]
    public async Task Call_OfAUserToAServerThatKeepsSessions_GoesTheSameWay()
    {
        await world.ApplyAsync("older", "https://docs.tools.example:{port}/older");
        await world.DiscoveredAsync("older", found => found.Status == "True");
        await using var ide = await world.Gateway.McpAsync("/mcp/servers/default/older", "you");

        Assert.Contains("whoever shows ***", (await ide.ListToolsAsync()).Single(tool => tool.Name == "lookup").Description, StringComparison.Ordinal);
        var found = await ide.CallToolAsync("lookup");

        Assert.Equal("found; you sent Bearer ***", Assert.IsType<TextContentBlock>(found.Content[0]).Text);
    }

    [Fact]
    public async Task ServerSideRequestForgery_WhenARemoteToolServerIsInside_IsRefused()
    {
        await world.ApplyAsync("inside", "https://inside.tools.example:{port}/mcp");

        var refused = await world.DiscoveredAsync("inside", found => found.Reason == "Refused");

        Assert.Contains("host 'inside.tools.example' leads to 10.0.0.1, which is not public (private)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Gateway:Egress:Networks", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerSideRequestForgery_WhenTheNameOfARemoteToolServerTurnsInside_EndsItsCallsAtOnce()
    {
        var run = await world.StartRunAsync();
        world.Lead("rebound.tools.example", "169.254.169.254");
        await world.ApplyAsync("rebound", "https://rebound.tools.example:{port}/mcp?again");
        await world.DiscoveredAsync("rebound", found => found.Reason == "Refused");

        var call = await CallAsync(run, 1, "rebound__lookup");

        Assert.Equal((CallState.Failed, 1), (call.State, call.Attempt));
        Assert.Contains("was not sent: host 'rebound.tools.example' leads to 169.254.169.254, which is not public (link-local)", call.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redirecting", "https://docs.tools.example:{port}/redirect", "token", "redirects (HTTP 307)")]
    [InlineData("keyless", "https://docs.tools.example:{port}/mcp", null, "wants a credential (HTTP 401)")]
    [InlineData("wrong", "https://docs.tools.example:{port}/mcp", "wrong", "does not take the credential (HTTP 401)")]
    [InlineData("absent", "https://docs.tools.example:{port}/mcp", "absent", "has no key 'absent'")]
    [InlineData("short", "https://docs.tools.example:{port}/mcp", "short", "cannot be a credential")]
    [InlineData("plain", "http://open.tools.example:{port}/mcp", null, "in the clear; use https")]
    [InlineData("misnamed", "https://other.example:{port}/mcp", "token", "SSL connection")]
    public async Task RemoteToolServer_WhenItIsNotWhatItsSpecSays_IsNotSpokenToAndSaysWhy(string name, string url, string? key, string problem)
    {
        await world.ApplyAsync(name, url, key);

        var said = await world.DiscoveredAsync(name, found => found.Status == "False");

        Assert.Contains(problem, said.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another-token", said.Message, StringComparison.Ordinal);
        Assert.Equal(name == "misnamed" ? "ListFailed" : "Refused", said.Reason);
        Assert.DoesNotContain(world.Server.Requests, request => request.Path == "/elsewhere");
        Assert.Null((await world.FindAsync(name)).Status!.Tools);
    }

    /// <summary>The credential is in no result, no record, no status, no definition and no log.</summary>
    private async Task NowhereAsync(params CallResult[] results)
    {
        var you = world.Gateway.You();
        var texts = results.Select(result => JsonSerializer.Serialize(result)).ToList();
        foreach (var result in results)
        {
            texts.AddRange((await you.GetAuditAsync(result.CallId, default)).Select(record => record.Record.ToJsonString()));
        }

        texts.Add(JsonSerializer.Serialize(await world.FindAsync("docs"), KubeJson.Options));
        texts.Add(JsonSerializer.Serialize(await you.ListToolsAsync("default", "docs", withDefinitions: true, default)));
        texts.AddRange(world.Log.Lines);
        Assert.Contains(texts, text => text.Contains("whoever shows ***", StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain("remote-token", text, StringComparison.Ordinal));
    }

    private Task<CallResult> CallAsync(string run, long sequence, string tool, string? argument = null) => world.Agent.CallAsync(
        run, new CallRequest { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall(tool, argument is null ? [] : new JsonObject { [argument] = true }) }, default);
}
