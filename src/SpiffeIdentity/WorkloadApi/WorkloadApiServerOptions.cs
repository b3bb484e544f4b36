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
}
