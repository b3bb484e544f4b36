using Castellan.AgentGateway.Tests.World;

namespace Castellan.AgentGateway.Tests.Calls;

/// <summary>Everything that holds of a call holds when its history lives in a sidecar elsewhere.</summary>
public sealed class DaprSpineTests(SidecarFixture fixture) : SpineTests, IClassFixture<SidecarFixture>
{
    private protected override Task<GatewayWorld> StartWorldAsync() => GatewayWorld.StartAsync(dapr: fixture.Sidecar.NextHub());
}
