using Castellan.AgentGateway.Tests.World;
using Castellan.Audit.Transparency;

namespace Castellan.AgentGateway.Tests.Calls;

/// <summary>The key of the audit log outlives restarts, and nothing takes its place.</summary>
public sealed class AuditKeyTests
{
    [Fact]
    public async Task Start_WhenTheLogsKeyIsGone_RefusesToSignWithAnother()
    {
        await using var world = await GatewayWorld.StartAsync();
        var file = Path.Combine(world.Data, "audit-log.key");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var key = await world.You().GetAuditKeyAsync(default);
        var checkpoint = Checkpoint.Open(SignedNote.Parse(await world.You().GetAuditCheckpointAsync(default)), NoteVerifier.Parse(key));
        Assert.True(checkpoint.Size > 0, "coming into force of the policies is recorded");

        await world.StopGatewayAsync();
        var kept = await File.ReadAllTextAsync(file);
        File.Delete(file);
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() => world.StartGatewayAsync());
        await world.StopGatewayAsync();
        await File.WriteAllTextAsync(file, "garbage");
        var garbled = await Assert.ThrowsAsync<InvalidOperationException>(() => world.StartGatewayAsync());
        await world.StopGatewayAsync();
        await File.WriteAllTextAsync(file, kept);
        await world.StartGatewayAsync();

        Assert.Contains("put it back from a backup", missing.Message, StringComparison.Ordinal);
        Assert.Contains("is not the audit log's key", garbled.Message, StringComparison.Ordinal);
        Assert.Equal(key, await world.You().GetAuditKeyAsync(default));
    }
}
