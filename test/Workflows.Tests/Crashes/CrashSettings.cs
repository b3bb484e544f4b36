using System.Text.Json;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>What the processes of a crash run share; it lies in their folder.</summary>
/// <param name="Store">Text form of the location of the sidecar's store.</param>
/// <param name="Claims">That of the claims.</param>
/// <param name="Counters">That of the counters, which stand for the outside world.</param>
/// <param name="Replicas">Sidecars.</param>
/// <param name="Workers">Worker processes; 0: the worker is in the sidecar's process.</param>
internal sealed record CrashSettings(string Store, string Claims, string Counters, int Replicas, int Workers)
{
    public const string Hub = "crash";
    public const int Steps = 5;

    public static CrashSettings Load(string folder) => JsonSerializer.Deserialize<CrashSettings>(File.ReadAllText(FileOf(folder)))!;

    public static string SocketOf(string folder, int replica) => Path.Combine(folder, $"sidecar-{replica}.sock");

    /// <summary>Connects to the replica of an index, or to the next that listens.</summary>
    public static SocketsHttpHandler Handler(string folder, int first, int replicas) => new()
    {
        UseProxy = false,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        ConnectCallback = (_, ct) => SidecarSocket.ConnectAsync([.. Enumerable.Range(first, replicas).Select(i => SocketOf(folder, i % replicas))], ct),
    };

    public void Save(string folder) => File.WriteAllText(FileOf(folder), JsonSerializer.Serialize(this));

    private static string FileOf(string folder) => Path.Combine(folder, "settings.json");
}
