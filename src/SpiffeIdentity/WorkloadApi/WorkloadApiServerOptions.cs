namespace Castellan.SpiffeIdentity;

/// <summary>Where and how a Workload API is served.</summary>
public sealed record WorkloadApiServerOptions
{
    /// <summary>Absolute path of the unix socket, at most 107 bytes.</summary>
    public required string SocketPath { get; init; }

    /// <summary>
    /// Mode of the socket. Everyone on the machine may connect by default, for workloads run under uids of their own: what a caller
    /// gets is decided by attestation alone.
    /// </summary>
    public UnixFileMode SocketMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Which processes may call.</summary>
    public WorkloadCallers Callers { get; init; } = WorkloadCallers.SamePidNamespace;
}

/// <summary>Which processes may call a Workload API.</summary>
public enum WorkloadCallers
{
    /// <summary>Those that the kernel names by a pid here: each is pinned, and attested as the process that it is.</summary>
    SamePidNamespace,

    /// <summary>
    /// Whoever reaches the socket, also from another PID namespace, where the kernel names no pid: for the socket of one pod, which lies
    /// in a volume that only the containers of that identity mount. The mount is the attestation.
    /// </summary>
    WhoeverReachesTheSocket,
}
