using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Castellan.Cli.Local;

namespace Castellan.Cli.Doctor;

/// <summary>The checks of <c>castellan doctor</c>. Each looks at one thing and changes nothing.</summary>
internal static class Checks
{
    private const long LittleSpace = 1L << 30;

    public static IReadOnlyList<Finding> Run(StatePaths paths) =>
        [System(), Procfs(), Sqlite(), Loopback(), StateDirectory(paths), Space(paths), SocketPath(paths), Isolation(paths), Programs(), Daemon(paths)];

    private static Finding System() => OperatingSystem.IsLinux()
        ? new("system", Severity.Ok, $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}")
        : new("system", Severity.Problem, RuntimeInformation.OSDescription, "local mode needs Linux; on other systems use a container or a virtual machine");

    private static Finding Procfs() => DaemonState.StartOf(Environment.ProcessId) is not null
        ? new("/proc", Severity.Ok, "mounted")
        : new("/proc", Severity.Problem, "not readable", "mount it: workloads are recognised by it");

    private static Finding Sqlite() => NativeLibrary.TryLoad(Environment.GetEnvironmentVariable("CASTELLAN_SQLITE") ?? "libsqlite3.so.0", out var handle)
        ? Freed(handle)
        : new("SQLite", Severity.Problem, "libsqlite3.so.0 is not found", "install it (Debian: apt-get install libsqlite3-0), or name the file in CASTELLAN_SQLITE");

    private static Finding Freed(nint handle)
    {
        NativeLibrary.Free(handle);
        return new("SQLite", Severity.Ok, "libsqlite3.so.0 loads");
    }

    private static Finding Loopback()
    {
        try
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Parse("127.64.255.254"), 0));
            return new("loopback", Severity.Ok, "127.0.0.0/8 can be bound: every pod gets an address of its own");
        }
        catch (SocketException e)
        {
            return new("loopback", Severity.Problem, $"127.64.255.254 cannot be bound: {e.Message}", "bring the loopback interface up with 127.0.0.1/8 (ip addr add 127.0.0.1/8 dev lo)");
        }
    }

    private static Finding StateDirectory(StatePaths paths)
    {
        var existing = paths.Root;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }
        return Writable(existing)
            ? new("state", Severity.Ok, paths.Root)
            : new("state", Severity.Problem, $"{existing} cannot be written", "choose another directory with --state or CASTELLAN_STATE");
    }

    private static bool Writable(string directory) => Access(directory, mode: 2) == 0;

    private static Finding Space(StatePaths paths)
    {
        var drive = DriveInfo.GetDrives().Where(d => paths.Root.StartsWith(d.Name, StringComparison.Ordinal)).MaxBy(d => d.Name.Length);
        return drive is null || drive.AvailableFreeSpace >= LittleSpace
            ? new("space", Severity.Ok, drive is null ? "unknown" : $"{drive.AvailableFreeSpace >> 30} GiB free on {drive.Name}")
            : new("space", Severity.Problem, $"{drive.AvailableFreeSpace >> 20} MiB free on {drive.Name}", "free some: without space for the audit log no call is made");
    }

    private static Finding SocketPath(StatePaths paths) => paths.WorkloadSocket.Length <= StatePaths.LongestSocketPath
        ? new("workload socket", Severity.Ok, paths.WorkloadSocket)
        : new("workload socket", Severity.Problem, $"{paths.WorkloadSocket} has {paths.WorkloadSocket.Length} characters, a unix socket's path at most {StatePaths.LongestSocketPath}", "choose a shorter --state directory");

    private static Finding Isolation(StatePaths paths)
    {
        if (!StatePaths.IsRoot)
        {
            return new("isolation", Severity.Limit, "not root: all pods share your uid, so a hostile pod could read another pod's memory or files",
                "processes that hold keys refuse debuggers; for separate uids run as root, for containers use a cluster");
        }
        return FindOnPath("setpriv") is null
            ? new("isolation", Severity.Problem, "setpriv is not on PATH", "install util-linux: pods of different service accounts run under different uids by it")
            : new("isolation", Severity.Ok, "root: every service account gets a uid of its own");
    }

    private static Finding Programs() => FindOnPath("npx") is { } npx
        ? new("npx", Severity.Ok, $"{npx}: MCP servers from npm can be declared as tool servers")
        : new("npx", Severity.Limit, "not on PATH", "install Node.js to declare MCP servers from npm as tool servers");

    private static Finding Daemon(StatePaths paths) => DaemonState.ReadRunning(paths) is { } daemon
        ? new("daemon", Severity.Ok, $"{daemon.Phase}, pid {daemon.ProcessId}")
        : new("daemon", Severity.Ok, "not running");

    private static string? FindOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    [DllImport("libc", EntryPoint = "access", SetLastError = true)]
    private static extern int Access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
}
