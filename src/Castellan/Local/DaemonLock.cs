using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Local;

/// <summary>Held by the one daemon of a state directory; freed by the kernel however the daemon ends.</summary>
internal sealed class DaemonLock : IDisposable
{
    private readonly FileStream _file;

    private DaemonLock(FileStream file) => _file = file;

    /// <exception cref="CommandFailure">Another daemon holds it.</exception>
    public static DaemonLock Take(StatePaths paths)
    {
        try
        {
            return new DaemonLock(new FileStream(paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e is not DirectoryNotFoundException)
        {
            var other = DaemonState.ReadRunning(paths);
            throw new CommandFailure(
                $"a local system already runs in {paths.Root}{(other is null ? "" : $" (pid {other.ProcessId}, {other.Phase})")}",
                "use it ('castellan status'), stop it ('castellan down'), or start a second one with another --state and ports", inner: e);
        }
    }

    public void Dispose() => _file.Dispose();
}
