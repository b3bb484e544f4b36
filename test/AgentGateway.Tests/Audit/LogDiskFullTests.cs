using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Tests.Audit;

/// <summary>No audit record, no call: what happens when there is no room left for the log.</summary>
public sealed class LogDiskFullTests : IAsyncLifetime
{
    private GatewayWorld _world = null!;
    private GatewayClient _agent = null!;
    private string _run = "";

    public async Task InitializeAsync()
    {
        _world = await GatewayWorld.StartAsync(storeMaxMegabytes: 8);
        _agent = _world.Agent();
        _run = (await _world.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task LogDiskFull_WhenAReadIsAsked_IsRefusedClearlyNothingRunsAndItGoesOnWhenThereIsRoom()
    {
        var store = _world.Gateway.Services.GetRequiredService<Store>();
        Assert.Equal(CallState.Completed, (await ReadAsync(1)).State);
        await FillAsync(store);

        // What is left over in half-filled pages may still take a call or two.
        var (refused, sequence) = (default(GatewayException), 2L);
        while (refused is null && sequence < 60)
        {
            refused = await Record.ExceptionAsync(() => ReadAsync(sequence)) as GatewayException;
            sequence += refused is null ? 1 : 0;
        }

        var ran = _world.Tools.Hits.Count;
        Assert.Equal(503, refused!.Status);
        Assert.Contains("cannot write", refused.Message, StringComparison.Ordinal);
        Assert.Contains("free disk space", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<GatewayException>(() => ReadAsync(sequence));
        Assert.Equal(ran, _world.Tools.Hits.Count);
        Assert.NotEmpty(await _world.You().ListAuditAsync(new AuditFilter(), default)); // what is written can be read

        await store.WriteAsync(unit => unit.Execute("delete from filling"), default);
        Assert.Equal(CallState.Completed, (await ReadAsync(sequence)).State);
        Assert.Equal(ran + 1, _world.Tools.Hits.Count);
        Assert.True((await _world.You().VerifyAuditAsync(null, default)).Ok);
    }

    private Task<CallResult> ReadAsync(long sequence) => _agent.CallAsync(
        _run, new CallRequest { Sequence = sequence, Kind = CallKind.Tool, Tool = new ToolCall("ops__read", new JsonObject { ["name"] = "web" }) }, default);

    private static async Task FillAsync(Store store)
    {
        await store.WriteAsync(unit => unit.Execute("create table filling(id integer primary key, body blob not null)"), default);
        foreach (var size in new[] { 1 << 18, 1 << 14, 1 << 11 })
        {
            while (await Record.ExceptionAsync(() => store.WriteAsync(unit => unit.Execute("insert into filling(body) values(zeroblob($1))", size), default)) is not StoreUnavailableException)
            {
            }
        }
    }
}
