using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Integrity;
using Castellan.AgentGateway.Storage;
using Castellan.AgentGateway.Tests.World;
using Castellan.Audit;
using Castellan.Storage;
using Castellan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.AgentGateway.Tests.Integrity;

/// <summary>Replicas that share pins: two stores on one PostgreSQL database.</summary>
public sealed class ToolPinsTests
{
    private static readonly ToolServer Server = new() { Metadata = new() { Namespace = "default", Name = "ops" }, Spec = new ToolServerSpec { Container = new ContainerServer { Image = "ops" } } };

    [Fact]
    public async Task Settle_WhenReplicasSeeDifferentListingsFirst_PinsOneForAll()
    {
        var location = StoreLocation.Parse("postgres:" + await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        await using var one = await OpenAsync(location);
        await using var other = await OpenAsync(location);
        var (pinsOfOne, pinsOfOther) = (Pins(one), Pins(other));

        var both = await Task.WhenAll(SettleAsync(pinsOfOne, "Lists pods."), SettleAsync(pinsOfOther, "Deletes pods."));
        Assert.Equal([ToolState.Pinned, ToolState.Changed], both.Order());
        var winner = both[0] == ToolState.Pinned ? "Lists pods." : "Deletes pods.";
        Assert.Equal(ToolState.Pinned, await SettleAsync(pinsOfOther, winner));
        Assert.Equal(ToolState.Changed, await SettleAsync(pinsOfOne, winner == "Lists pods." ? "Deletes pods." : "Lists pods."));
        Assert.Equal(ToolState.Pinned, await SettleAsync(pinsOfOne, winner));
    }

    [Fact]
    public async Task Settle_WhenNothingIsNew_WritesNothing()
    {
        var folder = Directory.CreateTempSubdirectory("pins-");
        try
        {
            await using var store = await OpenAsync(StoreLocation.Sqlite(Path.Combine(folder.FullName, "gateway.db")));
            var pins = Pins(store);
            await SettleAsync(pins, "Lists pods.");
            await SettleAsync(pins, "Deletes pods.");
            var before = await RecordsAsync(store);
            await SettleAsync(pins, "Deletes pods.");
            Assert.Equal(before, await RecordsAsync(store));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<ToolState> SettleAsync(ToolPins pins, string description) =>
        Assert.Single(await pins.SettleAsync(Server, ToolDefinitions.Read(Server, [TestToolServerBehavior.Tool("list", description)]), default)).State;

    private static async Task<int> RecordsAsync(Store store) => (await new AuditLog(store, TimeProvider.System).ListAsync(new LogFilter { Limit = 100 }, default)).Records.Count;

    private static ToolPins Pins(Store store) => new(store, new AuditLog(store, TimeProvider.System), TimeProvider.System, NullLogger<ToolPins>.Instance);

    private static Task<Store> OpenAsync(StoreLocation location) => Store.OpenAsync(new StoreOptions { Location = location, Migrations = GatewaySchema.All }, default);
}
