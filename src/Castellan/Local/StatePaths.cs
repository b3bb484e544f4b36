using System.Runtime.InteropServices;

namespace Castellan.Cli.Local;

/// <summary>Where local mode keeps its files. One root, one system: two systems need two roots.</summary>
/// <param name="root">Absolute path of the state directory.</param>
internal sealed class StatePaths(string root)
{
    /// <summary>Longest path of a unix socket on Linux, without the closing NUL (unix(7): sun_path is 108 bytes).</summary>
    public const int LongestSocketPath = 107;

    public string Root { get; } = root;

    /// <summary>Held by the running daemon.</summary>
    public string Lock => Path.Combine(Root, "daemon.lock");

    /// <summary>What the running daemon says of itself, see <see cref="DaemonState"/>.</summary>
    public string State => Path.Combine(Root, "daemon.json");

    public string Kubeconfig => Path.Combine(Root, "kubeconfig");

    public string DaemonLog => Path.Combine(Root, "logs", "daemon.log");

    public string Cluster => Path.Combine(Root, "cluster");

    public string Spiffe => Path.Combine(Root, "spiffe");

    public string Gateway => Path.Combine(Root, "gateway");

    /// <summary>Copies of the programs that pods run, where every uid may read them.</summary>
    public string Images => Path.Combine(Root, "images");

    /// <summary>The SPIFFE Workload API.</summary>
    public string WorkloadSocket => Path.Combine(Root, "run", "workload.sock");

    /// <summary>Where the authority is operated from; open to the daemon's own user and root.</summary>
    public string OperatorSocket => Path.Combine(Root, "run", "operator.sock");

    /// <summary>The key that seals the authority's private keys at rest; apart from them, so that a copy of the one is worth nothing.</summary>
    public string KeyEncryptionKey => Path.Combine(Root, "keys", "authority.kek");

    /// <summary>
    /// <c>--state</c>, else CASTELLAN_STATE, else /var/lib/castellan for root (other uids must reach sockets and programs there) and
    /// XDG_STATE_HOME/castellan for everyone else.
    /// </summary>
    public static StatePaths Resolve(string? given)
    {
        var chosen = given ?? NonEmpty("CASTELLAN_STATE") ?? (IsRoot
            ? "/var/lib/castellan"
            : Path.Combine(NonEmpty("XDG_STATE_HOME") ?? Path.Combine(HomeDirectory(), ".local", "state"), "castellan"));
        return new StatePaths(Path.GetFullPath(chosen));
    }

    public static bool IsRoot { get; } = GetEffectiveUserId() == 0;

    private static string HomeDirectory() => NonEmpty("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string? NonEmpty(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEffectiveUserId();
}
