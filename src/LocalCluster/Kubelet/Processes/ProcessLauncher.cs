using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Channels;

namespace Castellan.LocalCluster.Kubelet.Processes;

/// <summary>Starts children in a session of their own, without rights to gain, that the kernel kills if we die.</summary>
/// <remarks>
/// PR_SET_PDEATHSIG fires when the <em>thread</em> that started the child ends, so all children start on one thread that lives as long as we do.
/// setsid and setpriv (util-linux, on every Debian) replace themselves by the program, so the pid is the program's.
/// </remarks>
internal sealed class ProcessLauncher : IDisposable
{
    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _any = new(0);
    private readonly Thread _thread;
    private volatile bool _closed;

    public ProcessLauncher()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "kubelet-spawn" };
        _thread.Start();
    }

    /// <exception cref="LaunchException">The program is not there or cannot be run.</exception>
    public async Task<ChildProcess> StartAsync(LaunchSpec spec)
    {
        var program = FindProgram(spec);
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                started.SetResult(Start(spec, program));
            }
            catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
            {
                started.SetException(new LaunchException($"failed to start \"{spec.FileName}\": {e.Message}", e));
            }
        });
        return await started.Task;
    }

    public void Dispose()
    {
        _closed = true;
        _any.Release();
        _thread.Join();
        _any.Dispose();
    }

    private void Post(Action action)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        _work.Writer.TryWrite(action);
        _any.Release();
    }

    private void Work()
    {
        while (!_closed)
        {
            _any.Wait();
            while (_work.Reader.TryRead(out var action)) action();
        }
    }

    private static ChildProcess Start(LaunchSpec spec, string program)
    {
        var start = new ProcessStartInfo("setsid")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = spec.WorkingDirectory,
        };
        foreach (var arg in Chain(spec, program)) start.ArgumentList.Add(arg);
        start.Environment.Clear();
        foreach (var (name, value) in spec.Environment) start.Environment[name] = value;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.Start();
        process.StandardInput.Close();
        return new ChildProcess(process);
    }

    private static IEnumerable<string> Chain(LaunchSpec spec, string program)
    {
        yield return "setpriv";
        yield return "--no-new-privs";
        yield return "--pdeathsig";
        yield return "KILL";
        if (spec.Uid is { } uid)
        {
            yield return $"--reuid={uid}";
            yield return $"--regid={uid}";
            yield return "--clear-groups";
        }
        yield return "--";
        yield return program;
        foreach (var arg in spec.Args) yield return arg;
    }

    /// <summary>Looks where execvp would, so that a missing program is our error and not an exit code of setpriv.</summary>
    private static string FindProgram(LaunchSpec spec)
    {
        if (spec.FileName.Contains('/'))
        {
            var path = Path.GetFullPath(spec.FileName, spec.WorkingDirectory);
            if (!File.Exists(path)) throw new LaunchException($"exec: \"{spec.FileName}\": stat {spec.FileName}: no such file or directory");
            if (!IsExecutable(path)) throw new LaunchException($"exec: \"{spec.FileName}\": permission denied");
            return Reachable(path, spec);
        }
        var folders = spec.Environment.GetValueOrDefault("PATH", "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var found = folders.Select(f => Path.Combine(f, spec.FileName)).Where(p => File.Exists(p) && IsExecutable(p)).ToList();
        if (found.Count == 0) throw new LaunchException($"exec: \"{spec.FileName}\": executable file not found in $PATH");
        return found.Find(p => IsReachable(p, spec.Uid)) ?? Reachable(found[0], spec);
    }

    private static string Reachable(string path, LaunchSpec spec) => IsReachable(path, spec.Uid) ? path : throw new LaunchException(
        $"exec: \"{path}\": permission denied: this pod runs as uid {spec.Uid}, which cannot pass the folders above it; install it where all users may pass");

    /// <summary>Whether another user may pass the folders above a program; what it links to is judged by the kernel.</summary>
    private static bool IsReachable(string path, int? uid)
    {
        if (uid is null) return true;
        for (var folder = Directory.GetParent(path); folder is not null; folder = folder.Parent)
        {
            if (!folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute)) return false;
        }
        return true;
    }

    private static bool IsExecutable(string path) =>
        (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
