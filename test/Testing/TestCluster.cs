using Castellan.KubeClient;
using Castellan.LocalCluster;

namespace Castellan.Testing;

/// <summary>A real API server in this process, in a folder of its own, on a free port, with a clock that the test moves.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly bool ownsFolder;

    private TestCluster(LocalCluster.LocalCluster cluster, ManualTimeProvider clock, string folder, bool ownsFolder)
    {
        (Cluster, Clock, Folder, this.ownsFolder) = (cluster, clock, folder, ownsFolder);
        Admin = new KubeConnection(cluster.AdminConfig);
    }

    public LocalCluster.LocalCluster Cluster { get; }

    public ManualTimeProvider Clock { get; }

    /// <summary>The data directory; removed at disposal unless the test named it.</summary>
    public string Folder { get; }

    /// <summary>Unlimited access.</summary>
    public KubeConnection Admin { get; }

    public static async Task<TestCluster> StartAsync(string? folder = null, ManualTimeProvider? clock = null, CancellationToken ct = default)
    {
        clock ??= new ManualTimeProvider();
        var path = folder ?? Directory.CreateTempSubdirectory("castellan-test-").FullName;
        var cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterOptions { DataDirectory = path, Clock = clock, FlushToDisk = false }, ct);
        return new TestCluster(cluster, clock, path, ownsFolder: folder is null);
    }

    /// <summary>Access for a user of these groups.</summary>
    public KubeConnection As(string user, params IEnumerable<string> groups) => new(Cluster.ConfigFor(user, groups));

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Cluster.DisposeAsync();
        if (ownsFolder) Directory.Delete(Folder, recursive: true);
    }
}
