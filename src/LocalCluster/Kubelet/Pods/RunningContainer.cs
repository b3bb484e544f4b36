using Castellan.LocalCluster.Kubelet.Logs;
using Castellan.LocalCluster.Kubelet.Probes;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>One start of a container: its process, its log and its probes.</summary>
internal sealed class RunningContainer : IAsyncDisposable
{
    // Output of a process that has ended is in the pipe already; what holds it open longer is no part of the container.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);
    private readonly ChildProcess _child;
    private readonly ContainerLog _log;
    private readonly NodeContext _node;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _undrained = new();
    private readonly Task _pumps;
    private readonly List<Task> _background = [];

    public RunningContainer(NodeContext node, ChildProcess child, ContainerLog log, string sandbox)
    {
        (_node, _child, _log, Sandbox) = (node, child, log, sandbox);
        node.Logs.Opened(log);
        _pumps = Task.WhenAll(log.PumpAsync(child.Output, "stdout", _undrained.Token), log.PumpAsync(child.Error, "stderr", _undrained.Token));
    }

    public string Sandbox { get; }

    public string LogFile => _log.File;

    public ChildProcess Child => _child;

    public required DateTimeOffset StartedAt { get; init; }

    public required LaunchSpec Launch { get; init; }

    /// <summary>Waits for the end, ends what is left of its tree, and closes the log.</summary>
    public async Task<int> WaitAsync()
    {
        var code = await _child.Exited;
        await _ended.CancelAsync();
        _node.Processes.Remove(_child);
        _child.KillTree();
        ChildProcess.KillBySandbox(Sandbox);
        _undrained.CancelAfter(DrainTime);
        await _pumps;
        _log.Dispose();
        _node.Logs.Closed(_log);
        return code;
    }

    /// <summary>Runs something beside the container until it ends.</summary>
    public void RunBeside(Func<CancellationToken, Task> work) => _background.Add(work(_ended.Token));

    /// <summary>Ends the container: SIGTERM, the grace period, SIGKILL. Completes when it has ended.</summary>
    public async Task StopAsync(TimeSpan grace, Func<CancellationToken, Task>? preStop)
    {
        using var limit = new CancellationTokenSource(grace, _node.Time);
        try
        {
            if (preStop is not null && grace > TimeSpan.Zero) await preStop(limit.Token).WaitAsync(limit.Token);
            _child.Terminate();
            await _child.Exited.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _child.KillTree();
            await _child.Exited;
        }
    }

    /// <summary>Runs a command beside the container, under the same user and with the same variables.</summary>
    public async Task<ProbeResult> ExecAsync(IList<string> command, CancellationToken ct)
    {
        if (command.Count == 0) return new ProbeResult(false, "no command");
        try
        {
            using var child = await _node.Launcher.StartAsync(Launch with { FileName = command[0], Args = [.. command.Skip(1)] });
            var output = ReadAsync(child.Output);
            var error = ReadAsync(child.Error);
            try
            {
                var code = await child.Exited.WaitAsync(ct);
                var text = await output + await error;
                return new ProbeResult(code == 0, text);
            }
            catch (OperationCanceledException)
            {
                child.KillTree();
                await child.Exited;
                return new ProbeResult(false, $"command timed out: \"{string.Join(' ', command)}\"");
            }
        }
        catch (LaunchException e)
        {
            return new ProbeResult(false, e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_background);
        _child.Dispose();
        _ended.Dispose();
        _undrained.Dispose();
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        const int longest = 10 * 1024;
        var buffer = new byte[longest];
        var filled = 0;
        while (filled < longest && await stream.ReadAsync(buffer.AsMemory(filled)) is > 0 and var read) filled += read;
        return System.Text.Encoding.UTF8.GetString(buffer, 0, filled);
    }
}
