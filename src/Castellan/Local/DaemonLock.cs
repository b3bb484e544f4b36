using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Local;

/// <summary>Held by the one daemon of a state directory; freed by the kernel however the daemon ends.</summary>
internal sealed class DaemonLock : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly FileStream _file;

    private DaemonLock(FileStream file) => _file = file;

    /// <summary>Takes the lock. A daemon that was just killed may hold it a moment longer than it answers: that moment is waited for.</summary>
    /// <exception cref="CommandFailure">Another daemon holds it.</exception>
    public static async Task<DaemonLock> TakeAsync(StatePaths paths, TimeProvider time, CancellationToken ct)
    {
        var asked = time.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50), time);
        while (true)
        {
            try
            {
                return new DaemonLock(new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (e is not DirectoryNotFoundException)
            {
                var other = DaemonState.ReadRunning(paths);
                if (other is not null || time.GetElapsedTime(asked) > Patience)
                {
                    throw Held(paths, other, e);
                }
            }
            await tick.WaitForNextTickAsync(ct);
        }
    }

    private static CommandFailure Held(StatePaths paths, DaemonState? other, IOException e) => new(
        $"a local system already runs in {paths.Root}{(other is null ? "" : $" (pid {other.ProcessId}, {other.Phase})")}",
        "use it ('castellan status'), stop it ('castellan down'), or start a second one with another --state and ports", inner: e);

    public void Dispose() => _file.Dispose();
}
