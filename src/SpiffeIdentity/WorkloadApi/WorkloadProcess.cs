namespace Castellan.SpiffeIdentity;

/// <summary>What the kernel says of the process at the other end of the socket.</summary>
/// <param name="Pid">Process ID in our PID namespace.</param>
/// <param name="Uid">Effective user at connect(2).</param>
/// <param name="Gid">Effective group at connect(2).</param>
/// <param name="StartTimeTicks">Start of the process in clock ticks after boot (proc(5), stat field 22); with the pid it names one process for ever.</param>
public sealed record WorkloadProcess(int Pid, int Uid, int Gid, ulong StartTimeTicks);
