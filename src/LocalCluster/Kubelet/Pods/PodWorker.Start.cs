using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Castellan.LocalCluster.Kubelet.Logs;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet.Pods;

internal sealed partial class PodWorker
{
    private static readonly TimeSpan ShowFirst = TimeSpan.FromSeconds(1);

    /// <summary>Starts a container that has no process, if it should have one and its wait is over.</summary>
    private async Task ConsiderAsync(ContainerRun run)
    {
        if (run.RetryAt is { } at && at > Now)
        {
            if (run.State.Waiting?.Reason == "ErrImagePull") ShowImageBackoff(run);
            WakeAt(at);
            return;
        }
        if (run.State.Terminated is { } ended)
        {
            if (!ShouldRestart(ended.ExitCode)) return;
            var finished = ended.FinishedAt ?? Now.UtcDateTime;
            if (run.Backoff.Remaining(finished, Now) is { Ticks: > 0 } remaining)
            {
                WaitForRestart(run, ended, remaining);
                return;
            }
        }
        run.RetryAt = null;
        await StartAsync(run);
    }

    private bool ShouldRestart(int exitCode) => _pod.Spec.RestartPolicy switch
    {
        "Never" => false,
        "OnFailure" => exitCode != 0,
        _ => true,
    };

    private void WaitForRestart(ContainerRun run, ContainerStateTerminated ended, TimeSpan remaining)
    {
        run.Last = ended;
        var pod = $"{_pod.Metadata.Name}_{_pod.Metadata.Namespace}({_pod.Metadata.Uid})";
        run.Wait("CrashLoopBackOff", $"back-off {GoDuration(run.Backoff.Current)} restarting failed container={run.Name} pod={pod}");
        _node.Events.Record(_pod, EventType.Warning, "BackOff", $"Back-off restarting failed container {run.Name} in pod {pod}", run.FieldPath);
        run.RetryAt = Now + remaining;
        WakeAt(run.RetryAt.Value);
    }

    private async Task StartAsync(ContainerRun run)
    {
        if (ImageTable.Find(_node.Options.Images, run.Spec) is not { } image)
        {
            ImageMissing(run);
            return;
        }
        LaunchSpec launch;
        try
        {
            launch = await LaunchOfAsync(run, image.Command);
        }
        catch (ContainerConfigException e)
        {
            run.Wait("CreateContainerConfigError", e.Message);
            _node.Events.Record(_pod, EventType.Warning, "Failed", $"Error: {e.Message}", run.FieldPath);
            RetryLater(run);
            return;
        }
        _node.Events.Record(_pod, EventType.Normal, "Pulled", image.Told, run.FieldPath);
        if (run.State.Terminated is { } before) run.Last = before;
        if (run.Last is { } last)
        {
            run.RestartCount++;
            run.Backoff.Started(last.FinishedAt ?? Now.UtcDateTime, Now);
        }
        run.ContainerId = $"process://{Guid.NewGuid():N}";
        _node.Events.Record(_pod, EventType.Normal, "Created", $"Created container: {run.Name}", run.FieldPath);
        await LaunchAsync(run, launch);
    }

    private async Task LaunchAsync(ContainerRun run, LaunchSpec launch)
    {
        var started = Now;
        ChildProcess child;
        try
        {
            child = await _node.Launcher.StartAsync(launch);
        }
        catch (LaunchException e)
        {
            var message = $"failed to start container \"{run.Name}\": {e.Message}";
            _node.Events.Record(_pod, EventType.Warning, "Failed", $"Error: {message}", run.FieldPath);
            run.State = new ContainerState
            {
                Terminated = new ContainerStateTerminated
                {
                    ExitCode = 128, Reason = "StartError", Message = message, ContainerID = run.ContainerId,
                    StartedAt = started.UtcDateTime, FinishedAt = started.UtcDateTime,
                },
            };
            Post(new Due()); // look again: it is restarted after its backoff
            return;
        }
        _node.Processes.Add(child, new PodProcess(_pod.Metadata.Namespace!, _pod.Metadata.Name!, _pod.Metadata.Uid!, ServiceAccount, run.Name));
        RunRecord.Of(child, run.ContainerId!, run.RestartCount, started.UtcDateTime).Write(_folder.RunFile(run.Name));
        DropOldLogs(run);
        var log = new ContainerLog(_folder.Log(run.Name, run.RestartCount), _node.Options, _node.Time);
        run.Process = new RunningContainer(_node, child, log, _folder.ContainerRoot(run.Name)) { StartedAt = started, Launch = launch };
        run.State = new ContainerState { Running = new ContainerStateRunning { StartedAt = started.UtcDateTime } };
        _stops.Add(WatchAsync(run, run.Process));
        _node.Events.Record(_pod, EventType.Normal, "Started", $"Started container {run.Name}", run.FieldPath);
        StartProbes(run, run.Process);
    }

    private async Task<LaunchSpec> LaunchOfAsync(ContainerRun run, ImageCommand image)
    {
        var container = run.Spec;
        var environment = new ContainerEnvironment(_node.Kube, _pod, _ip, _node.HostIp);
        var variables = await environment.BuildAsync(container, GivenVariables(container, image), CancellationToken.None);
        await File.WriteAllBytesAsync(_folder.TerminationLog(run.Name), []);
        if (_uid is { } uid) Posix.Own(_folder.TerminationLog(run.Name), uid);
        return new LaunchSpec(
            ContainerEnvironment.Expand(image.FileName, variables),
            [.. image.Args.Concat(container.Args ?? []).Select(a => ContainerEnvironment.Expand(a, variables))])
        {
            Environment = variables,
            WorkingDirectory = WorkingFolder(container),
            Uid = _uid,
        };
    }

    private Dictionary<string, string> GivenVariables(Container container, ImageCommand image)
    {
        var server = _node.Kube.Config.Server;
        var given = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = _folder.Home(container.Name),
            ["HOSTNAME"] = _pod.Metadata.Name!,
            [KubeConfig.SandboxMountPointVariable] = _folder.ContainerRoot(container.Name),
            ["KUBERNETES_SERVICE_HOST"] = server.Host,
            ["KUBERNETES_SERVICE_PORT"] = server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in image.Environment ?? new Dictionary<string, string>()) given[name] = value;
        return given;
    }

    private string WorkingFolder(Container container)
    {
        if (container.WorkingDir is not { Length: > 0 } wanted) return _folder.Home(container.Name);
        var mounted = Path.Combine(_folder.ContainerRoot(container.Name), wanted.TrimStart('/'));
        return Directory.Exists(mounted) ? mounted : Directory.Exists(wanted) ? wanted
            : throw new ContainerConfigException($"workingDir {wanted} does not exist");
    }

    private void ImageMissing(ContainerRun run)
    {
        var known = string.Join(", ", _node.Options.Images.Keys.Order());
        var message = $"no program stands for image \"{run.Spec.Image}\" on a local cluster; set 'command' to a program of this machine, or use one of: {known}";
        run.Wait("ErrImagePull", message);
        _node.Events.Record(_pod, EventType.Warning, "Failed", $"Failed to pull image \"{run.Spec.Image}\": {message}", run.FieldPath);
        _node.Events.Record(_pod, EventType.Warning, "Failed", "Error: ErrImagePull", run.FieldPath);
        RetryLater(run);
        WakeAt(Now + ShowFirst);
    }

    private void ShowImageBackoff(ContainerRun run)
    {
        run.Wait("ImagePullBackOff", $"Back-off pulling image \"{run.Spec.Image}\": {run.State.Waiting!.Message}");
        _node.Events.Record(_pod, EventType.Normal, "BackOff", $"Back-off pulling image \"{run.Spec.Image}\"", run.FieldPath);
        _node.Events.Record(_pod, EventType.Warning, "Failed", "Error: ImagePullBackOff", run.FieldPath);
    }

    private void RetryLater(ContainerRun run)
    {
        run.ConfigBackoff.Started(Now, Now);
        run.RetryAt = Now + run.ConfigBackoff.Current;
        WakeAt(run.RetryAt.Value);
    }

    private void DropOldLogs(ContainerRun run)
    {
        var folder = _folder.LogFolder(run.Name);
        if (!Directory.Exists(folder)) return;
        // The log before the current one stays, for 'kubectl logs --previous'.
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (int.TryParse(Path.GetFileName(file).Split('.')[0], out var start) && start < run.RestartCount - 1) File.Delete(file);
        }
    }

    /// <summary>As Go prints durations, which is how the real kubelet writes them: 10s, 2m40s, 5m0s.</summary>
    internal static string GoDuration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => $"{time.TotalMilliseconds:0}ms",
        { TotalMinutes: < 1 } => $"{time.TotalSeconds:0.###}s",
        _ => $"{(int)time.TotalMinutes}m{time.Seconds}s",
    };
}
