using System.Runtime.InteropServices;

namespace Castellan.ServiceDefaults;

/// <summary>What a process that holds keys does before anything else.</summary>
public static class ProcessHardening
{
    private const int PrSetDumpable = 4;

    /// <summary>
    /// Keeps other processes of the same user from reading this one's memory through <c>/proc</c> or ptrace, and from getting it as a
    /// core dump.
    /// </summary>
    /// <remarks>Where pods share one uid, this is what stands between them. Children that are executed afterwards must do it themselves.</remarks>
    /// <exception cref="InvalidOperationException">The kernel refused.</exception>
    public static void MakeUndumpable()
    {
        if (Prctl(PrSetDumpable, 0, 0, 0, 0) != 0)
        {
            throw new InvalidOperationException($"prctl(PR_SET_DUMPABLE) failed with error {Marshal.GetLastPInvokeError()}; run on Linux without a seccomp filter that forbids it");
        }
    }

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static extern int Prctl(int option, ulong second, ulong third, ulong fourth, ulong fifth);
}
