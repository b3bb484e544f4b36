using System.Runtime.InteropServices;

namespace Castellan.SpiffeIdentity;

/// <summary>The system calls that .NET does not offer.</summary>
internal static class NativeProcess
{
    public const int SolSocket = 1;
    public const int SoPeerCred = 17;
    public const int SoPeerPidFd = 77;
    private const long PidFdOpenNumber = 434; // the same on every architecture
    private const short PollIn = 1;

    /// <summary>Opens a pidfd (Linux 5.3); -1 when the process has gone.</summary>
    public static int OpenPidFd(int pid) => (int)Syscall(PidFdOpenNumber, pid, 0);

    /// <summary>A pidfd becomes readable when its process has exited; until then the pid cannot be another's.</summary>
    public static bool IsAlive(int pidFd)
    {
        var request = new PollRequest { Descriptor = pidFd, Events = PollIn };
        return Poll(ref request, 1, 0) == 0;
    }

    [DllImport("libc", EntryPoint = "close")]
    public static extern int Close(int descriptor);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern long Syscall(long number, long first, long second);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref PollRequest request, ulong count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
