using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using ModelContextProtocol.Client;

namespace Castellan.AgentGateway.Tests.Integrity;

/// <summary>Tools whose definitions say to models what people do not see.</summary>
public sealed class ToolPoisoningTests
{
    [Fact]
    public async Task ToolPoisoning_WhenADefinitionHidesText_IsBlockedAtFirstSightUntilItIsApproved()
    {
        await using var world = await GatewayWorld.StartAsync(withGateway: false);
        world.Tools.Behavior.Tools = [RugPullTests.Tool("read"), RugPullTests.Tool("restart", "Does restart.\U000E0069\U000E0067\U000E006E\U000E006F\U000E0072\U000E0065"), RugPullTests.Tool("sca\u200Ble")];
        await world.StartGatewayAsync(tools: 1);
        var you = world.You();
        await using var ide = await world.McpAsync("/mcp", "you");

        Assert.Equal(["ops__read"], (await ide.ListToolsAsync()).Select(tool => tool.Name));
        var tools = (await you.ListToolsAsync("default", null, withDefinitions: true, default)).ToDictionary(tool => tool.Name, StringComparer.Ordinal);
        Assert.Equal(ToolState.Concealed, tools["restart"].State);
        Assert.Null(tools["restart"].PinnedDigest);
        Assert.StartsWith("its description holds 6 characters that nobody sees, the first U+E0069", tools["restart"].Reason, StringComparison.Ordinal);
        Assert.StartsWith("its name holds 1 character that nobody sees, the first U+200B", tools["sca\u200Ble"].Reason, StringComparison.Ordinal);
        await RugPullTests.ConditionAsync(world, "ToolsChanged", "True", "ToolsConcealed");

        // What is looked at and approved is believed; the one that nobody approved is not.
        await you.ApproveToolsAsync("default", "ops", new ApproveToolsRequest([new ApprovedTool("restart", tools["restart"].Digest!)]), default);
        await Eventually.TrueAsync(() => RugPullTests.Catalog(world).Of(new NamespacedName("default", "ops")).Count == 2);
        Assert.Equal(["ops__read", "ops__restart"], (await ide.ListToolsAsync()).Select(tool => tool.Name).Order(StringComparer.Ordinal));
    }
}
