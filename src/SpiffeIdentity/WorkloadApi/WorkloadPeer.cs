using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Castellan.SpiffeIdentity;

/// <summary>The process at the other end of a unix socket, pinned by a pidfd for as long as the connection lasts.</summary>
/// <remarks>
/// SO_PEERPIDFD (Linux 6.5) gives the pidfd of the very process that called connect(2). On older kernels pidfd_open leaves a
/// small window between connect and accept; the start time lets the attestor's own table close it.
/// </remarks>
internal sealed class WorkloadPeer : IDisposable
{
    private int _pidFd;

    private WorkloadPeer(WorkloadProcess process, int pidFd)
    {
        Process = process;
        _pidFd = pidFd;
    }

    public WorkloadProcess Process { get; }

    /// <summary>False once the process has exited, even if a child still holds its socket; one in another PID namespace lives while it is connected.</summary>
    public bool IsAlive => Process.Pid == 0 || (_pidFd >= 0 && NativeProcess.IsAlive(_pidFd));

    /// <summary>Identifies the peer; null when it has gone or lives in a PID namespace that we cannot see and may not.</summary>
    public static WorkloadPeer? TryIdentify(Socket socket, WorkloadCallers callers)
    {
        Span<byte> credentials = stackalloc byte[12];
        if (socket.GetRawSocketOption(NativeProcess.SolSocket, NativeProcess.SoPeerCred, credentials) != credentials.Length)
        {
            return null;
        }

        var pid = MemoryMarshal.Read<int>(credentials);
        var uid = MemoryMarshal.Read<int>(credentials[4..]);
        var gid = MemoryMarshal.Read<int>(credentials[8..]);
        if (pid <= 0)
        {
            // Across PID namespaces the kernel answers 0 with a real uid: that proves nothing, unless nobody else reaches the socket.
            return callers == WorkloadCallers.WhoeverReachesTheSocket ? new(new(0, uid, gid, 0), -1) : null;
        }

        var pidFd = PeerPidFd(socket) ?? NativeProcess.OpenPidFd(pid);
        if (pidFd < 0)
        {
            return null;
        }

        if (StartTime(pid) is { } start && NativeProcess.IsAlive(pidFd))
        {
            return new(new(pid, uid, gid, start), pidFd);
        }

        _ = NativeProcess.Close(pidFd);
        return null;
    }

    public void Dispose()
    {
        var descriptor = Interlocked.Exchange(ref _pidFd, -1);
        if (descriptor >= 0)
        {
            _ = NativeProcess.Close(descriptor);
        }
    }

    /// <summary>Field 22 of <c>/proc/PID/stat</c>, counted after the name, which may hold anything.</summary>
    internal static ulong? StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return ulong.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has gone
        }
    }

    private static int? PeerPidFd(Socket socket)
    {
        Span<byte> descriptor = stackalloc byte[4];
        try
        {
            socket.GetRawSocketOption(NativeProcess.SolSocket, NativeProcess.SoPeerPidFd, descriptor);
            return MemoryMarshal.Read<int>(descriptor);
        }
        catch (SocketException)
        {
            return null; // a kernel before 6.5
        }
    }
}
