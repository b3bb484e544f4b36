namespace Castellan.LocalCluster.Tests;

/// <summary>One running cluster for all tests of a class; they use names of their own.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    internal RunningCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await RunningCluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
