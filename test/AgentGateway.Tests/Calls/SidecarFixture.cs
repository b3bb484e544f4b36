namespace Castellan.AgentGateway.Tests.Calls;

/// <summary>One sidecar process for the tests of a class; each takes a hub of its own.</summary>
public sealed class SidecarFixture : IAsyncLifetime
{
    internal SeparateSidecar Sidecar { get; private set; } = null!;

    public async Task InitializeAsync() => Sidecar = await SeparateSidecar.StartAsync();

    public async Task DisposeAsync() => await Sidecar.DisposeAsync();
}
