using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Tests.Audit;

/// <summary>Who may prune the log, and what the gateway says of it.</summary>
public sealed class AuditPruningTests
{
    [Fact]
    public async Task Prune_WhenAsked_IsForThoseWhoMayDeleteAuditsAndForThePastOnly()
    {
        await using var world = await GatewayWorld.StartAsync();
        var now = TimeProvider.System.GetUtcNow();

        var stranger = await Assert.ThrowsAsync<GatewayException>(() => world.Approver().PruneAuditAsync(new(now), default));
        var early = await Assert.ThrowsAsync<GatewayException>(() => world.As("root", "system:masters").PruneAuditAsync(new(now.AddDays(1)), default));
        Assert.Equal((403, 422), (stranger.Status, early.Status));
        Assert.Equal(new AuditPruning(0, 0), await world.As("root", "system:masters").PruneAuditAsync(new(now, "too few records", DryRun: false), default));
        Assert.Equal("", await world.You().GetAuditPrunedAsync(default));
        Assert.True((await world.You().VerifyAuditAsync(null, default)).Ok);
    }
}
