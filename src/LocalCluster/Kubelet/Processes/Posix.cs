using System.Runtime.InteropServices;

namespace Castellan.LocalCluster.Kubelet.Processes;

/// <summary>The calls to the kernel that .NET has no name for.</summary>
internal static class Posix
{
    public const int SigTerm = 15;
    public const int SigKill = 9;

    public static bool IsRoot { get; } = geteuid() == 0;

    /// <summary>Sends a signal; false if there is no such process.</summary>
    public static bool Kill(int pid, int signal) => pid > 1 && kill(pid, signal) == 0;

    /// <summary>Sends a signal to a process group; false if there is none.</summary>
    public static bool KillGroup(int group, int signal) => group > 1 && kill(-group, signal) == 0;

    /// <summary>Gives a path to a user and group of the same number.</summary>
    public static void Own(string path, int uid)
    {
        if (lchown(path, uid, uid) != 0)
            throw new IOException($"cannot give {path} to uid {uid}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Lets a group read a path that root keeps owning.</summary>
    public static void OwnByGroup(string path, int gid)
    {
        if (lchown(path, 0, gid) != 0)
            throw new IOException($"cannot give {path} to group {gid}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int lchown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int owner, int group);

    [DllImport("libc")]
    private static extern uint geteuid();
}
