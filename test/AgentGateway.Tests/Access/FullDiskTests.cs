using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Tests.Access;

/// <summary>No audit record, no effect: whoever fills the log's disk stops the calls, not the recording.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task LogDiskFull_WhenTheDecisionCannotBeWritten_NothingReachesTheTool()
    {
        await using var world = await GatewayWorld.StartAsync();
        var run = (await world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;
        var store = world.Gateway.Services.GetRequiredService<Store>();

        var full = await LimitAsync(store, 1); // no less than there are: from here on the file cannot grow
        var refused = await Assert.ThrowsAsync<GatewayException>(() => CallAsync(world, run, 1, new string('x', 4 << 20)));

        Assert.Equal(503, refused.Status);
        Assert.Contains("free disk space", refused.Message, StringComparison.Ordinal);
        Assert.Empty(world.Tools.Hits);

        await LimitAsync(store, full + 100_000);
        Assert.Equal(CallState.Completed, (await CallAsync(world, run, 2, "web")).State);
        Assert.True((await world.You().VerifyAuditAsync(null, default)).Ok);
    }

    private static Task<long> LimitAsync(Store store, long pages) => store.WriteAsync(unit => unit.First($"pragma max_page_count={pages}", row => row.GetInt64(0)), default);

    private static Task<CallResult> CallAsync(GatewayWorld world, string run, long sequence, string name) =>
        world.Agent().CallAsync(run, new CallRequest { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall("ops__read", new JsonObject { ["name"] = name }) }, default);
}
