using System.Text.Json;

namespace Castellan.SpiffeIdentity.Tests.Soak;

/// <summary>How large a soak is; a file in its folder says it to all of its processes.</summary>
/// <param name="Folder">Where everything of it lies.</param>
/// <param name="Processes">Workloads.</param>
/// <param name="Identities">Identities of each.</param>
/// <param name="TtlSeconds">Life of an SVID.</param>
/// <param name="PaceMilliseconds">Pause of a workload between two handshakes.</param>
internal sealed record SoakSettings(string Folder, int Processes, int Identities, int TtlSeconds, int PaceMilliseconds)
{
    public static TrustDomain Domain { get; } = TrustDomain.Parse("soak.test");

    public string Socket => Path.Combine(Folder, "s");

    public string AuthorityFolder => Path.Combine(Folder, "authority");

    public static SpiffeId Id(int process, int identity) => SpiffeId.Parse($"spiffe://soak.test/p{process}/i{identity}");

    public static SoakSettings Read(string folder) => JsonSerializer.Deserialize<SoakSettings>(File.ReadAllText(Path.Combine(folder, "settings.json")))!;

    public void Write() => File.WriteAllText(Path.Combine(Folder, "settings.json"), JsonSerializer.Serialize(this));

    /// <summary>Says which workload a process is.</summary>
    public void Register(int pid, int process) => File.WriteAllText(Path.Combine(Folder, $"pid-{pid}"), process.ToString());

    /// <summary>Which workload a process is; null if none.</summary>
    public int? ProcessOf(int pid) => File.Exists(Path.Combine(Folder, $"pid-{pid}")) ? int.Parse(File.ReadAllText(Path.Combine(Folder, $"pid-{pid}"))) : null;

    /// <summary>Where the identities of a workload listen, one port each.</summary>
    public void Publish(int process, IEnumerable<int> ports)
    {
        var file = Path.Combine(Folder, $"ports-{process}");
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(ports));
        File.Move(file + ".new", file);
    }

    /// <summary>Where they listen; null while they do not.</summary>
    public int[]? PortsOf(int process) =>
        Path.Combine(Folder, $"ports-{process}") is var file && File.Exists(file) ? JsonSerializer.Deserialize<int[]>(File.ReadAllText(file)) : null;
}
