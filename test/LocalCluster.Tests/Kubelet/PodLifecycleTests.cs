using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Tests.Kubelet;

public sealed class PodLifecycleTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private readonly RunningCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Pod_WhenContainerKeepsFailing_IsInCrashLoopBackOffWithItsPast()
    {
        var pod = await _cluster.RunAsync("crash", "echo 'missing DATABASE_URL' >&2; exit 3");

        var seen = await _cluster.UntilAsync<Pod>("crash", p => p.Status?.ContainerStatuses?[0] is { State.Waiting.Reason: "CrashLoopBackOff", RestartCount: >= 1 });

        var status = seen.Status!.ContainerStatuses![0];
        Assert.Equal(3, status.LastState!.Terminated!.ExitCode);
        Assert.Equal("Error", status.LastState.Terminated.Reason);
        Assert.Equal($"back-off 100ms restarting failed container=app pod=crash_default({pod.Metadata.Uid})", status.State!.Waiting!.Message);
        Assert.Equal("Running", seen.Status.Phase);
        Assert.Contains(seen.Status.Conditions!, c => c is { Type: "Ready", Status: "False", Reason: "ContainersNotReady", Message: "containers with unready status: [app]" });
        var backOff = await _cluster.EventAsync("crash", "BackOff");
        Assert.Equal($"Back-off restarting failed container app in pod crash_default({pod.Metadata.Uid})", backOff.Message);
        Assert.Equal(("Warning", "kubelet", "spec.containers{app}"), (backOff.Type, backOff.Source!.Component, backOff.InvolvedObject.FieldPath));
        Assert.Equal("missing DATABASE_URL\n", await _cluster.Kube.ReadLogsAsync(pod.Key, new LogOptions { Previous = true }));
    }

    [Fact]
    public async Task Pod_WhenItRuns_IsReadyWithAddressAndEvents()
    {
        var pod = await _cluster.RunAsync("runs", "echo hello; exec sleep 1000");

        var seen = await _cluster.UntilAsync<Pod>("runs", p => p.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) is true);

        Assert.Matches(@"^127\.(6[4-9]|[78]\d|9[0-5])\.", seen.Status!.PodIP);
        Assert.Equal("local", seen.Spec.NodeName);
        Assert.NotNull(seen.Status.ContainerStatuses![0].State!.Running);
        Assert.Equal("Successfully assigned default/runs to local", (await _cluster.EventAsync("runs", "Scheduled")).Message);
        Assert.Equal("Started container app", (await _cluster.EventAsync("runs", "Started")).Message);
        Assert.Equal("hello\n", await FirstLogAsync(pod.Key));
    }

    [Fact]
    public async Task Pod_WhenDeleted_LeavesNoProcessAndNoFiles()
    {
        var pod = await _cluster.RunAsync("leaves", "sleep 1001 & (setsid sleep 1002 &) ; trap '' TERM; echo up; wait; sleep 1003");
        await _cluster.UntilAsync<Pod>("leaves", p => p.Status?.Phase == "Running");
        await FirstLogAsync(pod.Key);
        Assert.NotEmpty(ProcessesOf(pod));

        await _cluster.Kube.DeleteAsync<Pod>(pod.Key, new DeleteOptions { GracePeriodSeconds = 1 });
        await _cluster.GoneAsync<Pod>("leaves");
        await Eventually(() => !Directory.Exists(Path.Combine(_cluster.PodsFolder, pod.Metadata.Uid!)));

        Assert.Empty(ProcessesOf(pod));
    }

    [Fact]
    public async Task Pod_WhenDeletionIsHeldByAFinalizer_EndsItsContainersFirst()
    {
        var pod = await _cluster.RunAsync("held", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done", p => p.Metadata.Finalizers = ["test.dev/hold"]);
        await FirstLogAsync(await RunningAsync("held"));

        await _cluster.Kube.DeleteAsync<Pod>(pod.Key, new DeleteOptions { GracePeriodSeconds = 10 });
        var seen = await _cluster.UntilAsync<Pod>("held", p => p.Status?.ContainerStatuses?[0].State?.Terminated is not null);

        Assert.NotNull(seen.Metadata.DeletionTimestamp);
        Assert.Equal(0, seen.Status!.ContainerStatuses![0].State!.Terminated!.ExitCode);
        Assert.Equal("Stopping container app", (await _cluster.EventAsync("held", "Killing")).Message);
        Assert.Equal("up\nbye\n", await _cluster.Kube.ReadLogsAsync(pod.Key));
        await _cluster.Kube.PatchAsync<Pod>(pod.Key, KubePatch.Json(new System.Text.Json.Nodes.JsonArray(System.Text.Json.Nodes.JsonNode.Parse("{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}"))));
        await _cluster.GoneAsync<Pod>("held");
    }

    [Fact]
    public async Task Processes_WhenAskedForADescendant_NameItsPod()
    {
        var pod = await _cluster.RunAsync("family", "sleep 1004 & echo $!; wait");
        await RunningAsync("family");
        var child = int.Parse((await FirstLogAsync(pod.Key)).Trim());

        var found = _cluster.Cluster.PodProcesses.TryFind(child);

        Assert.Equal(("default", "family", pod.Metadata.Uid, "default", "app"), (found!.Namespace, found.Pod, found.PodUid, found.ServiceAccount, found.Container));
        Assert.False(found.IsLeader);
        Assert.Null(_cluster.Cluster.PodProcesses.TryFind(Environment.ProcessId));
        Assert.Null(_cluster.Cluster.PodProcesses.TryFind(1));
        Assert.Null(_cluster.Cluster.PodProcesses.TryFind(int.MaxValue));
    }

    [Fact]
    public async Task Processes_WhenAskedForALeader_MatchThePidWithItsStartAlone()
    {
        var pod = await _cluster.RunAsync("leader", "echo $$$$; sleep 1005 & echo $!; wait");
        await RunningAsync("leader");
        var pids = new List<int>();
        while (pids.Count < 2) pids = [.. (await _cluster.Kube.ReadLogsAsync(pod.Key)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        var starts = pids.Select(p => (ulong)ProcessStat.TryRead(p)!.Value.StartTicks).ToList();
        var processes = _cluster.Cluster.PodProcesses;

        Assert.Equal(("leader", "app", true), (processes.TryFindLeader(pids[0], starts[0])!.Pod, processes.TryFindLeader(pids[0], starts[0])!.Container, processes.TryFind(pids[0])!.IsLeader));
        Assert.Null(processes.TryFindLeader(pids[0], starts[0] + 1)); // another process with the same pid
        Assert.Null(processes.TryFindLeader(pids[0], 0));
        Assert.Null(processes.TryFindLeader(pids[1], starts[1])); // its child
    }

    [Fact]
    public async Task Pod_WhenProcessIsKilled_IsRestartedAndSaysSo()
    {
        var pod = await _cluster.RunAsync("killed", "echo start; exec sleep 1000");
        await _cluster.UntilAsync<Pod>("killed", p => p.Status?.Phase == "Running");
        await FirstLogAsync(pod.Key);

        foreach (var pid in ProcessesOf(pod)) Posix.Kill(pid, Posix.SigKill);

        var seen = await _cluster.UntilAsync<Pod>("killed", p => p.Status?.ContainerStatuses?[0] is { RestartCount: 1, State.Running: not null });
        Assert.Equal(137, seen.Status!.ContainerStatuses![0].LastState!.Terminated!.ExitCode);
    }

    [Fact]
    public async Task Pod_WhenRestartPolicyIsNever_EndsInSucceededOrFailed()
    {
        await _cluster.RunAsync("once-good", "exit 0", p => p.Spec.RestartPolicy = "Never");
        await _cluster.RunAsync("once-bad", "echo -n why > $CONTAINER_SANDBOX_MOUNT_POINT/dev/termination-log; exit 7", p => p.Spec.RestartPolicy = "Never");

        var good = await _cluster.UntilAsync<Pod>("once-good", p => p.Status?.Phase == "Succeeded");
        var bad = await _cluster.UntilAsync<Pod>("once-bad", p => p.Status?.Phase == "Failed");

        Assert.Equal("Completed", good.Status!.ContainerStatuses![0].State!.Terminated!.Reason);
        Assert.Equal((7, "why"), (bad.Status!.ContainerStatuses![0].State!.Terminated!.ExitCode, bad.Status.ContainerStatuses[0].State!.Terminated!.Message));
    }

    [Fact]
    public async Task Pod_WhenInitContainersExist_RunsThemFirstAndInOrder()
    {
        var pod = await _cluster.RunAsync("init", "cat $CONTAINER_SANDBOX_MOUNT_POINT/work/log; exec sleep 1000", p =>
        {
            p.Spec.Volumes = [new Volume { Name = "work", EmptyDir = new EmptyDirVolume() }];
            p.Spec.InitContainers = [Step("one"), Step("two")];
            p.Spec.Containers[0].VolumeMounts = [new VolumeMount { Name = "work", MountPath = "/work" }];
        });

        var seen = await _cluster.UntilAsync<Pod>("init", p => p.Status?.Phase == "Running");

        Assert.All(seen.Status!.InitContainerStatuses!, s => Assert.Equal(0, s.State!.Terminated!.ExitCode));
        Assert.Equal("one\ntwo\n", await FirstLogAsync(pod.Key, lines: 2));

        static Container Step(string name) => new()
        {
            Name = name, Image = "test.dev/shell", Args = [$"echo {name} >> $CONTAINER_SANDBOX_MOUNT_POINT/work/log"],
            VolumeMounts = [new VolumeMount { Name = "work", MountPath = "/work" }],
        };
    }

    [Fact]
    public async Task Pod_WhenImageIsUnknownAndHasNoCommand_SaysHowToRunIt()
    {
        await _cluster.RunAsync("noimage", "", p => p.Spec.Containers[0] = new Container { Name = "app", Image = "nginx:1" });

        var seen = await _cluster.UntilAsync<Pod>("noimage", p => p.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "ImagePullBackOff" || p.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "ErrImagePull");

        Assert.Equal("Pending", seen.Status!.Phase);
        Assert.Contains("set 'command'", seen.Status.ContainerStatuses![0].State!.Waiting!.Message, StringComparison.Ordinal);
        Assert.Contains("nginx:1", (await _cluster.EventAsync("noimage", "Failed")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_WhenCommandDoesNotExist_FailsToStartLikeAContainer()
    {
        await _cluster.RunAsync("nocommand", "", p => p.Spec.Containers[0] = new Container { Name = "app", Image = "busybox", Command = ["no-such-program"] });

        var seen = await _cluster.UntilAsync<Pod>("nocommand", p => p.Status?.ContainerStatuses?[0].LastState?.Terminated is not null);

        var ended = seen.Status!.ContainerStatuses![0].LastState!.Terminated!;
        Assert.Equal((128, "StartError"), (ended.ExitCode, ended.Reason));
        Assert.Contains("executable file not found in $PATH", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pod_WhenNodeSelectorMatchesNoNode_StaysPendingWithTheSchedulersWords()
    {
        await _cluster.RunAsync("nowhere", "exit 0", p => p.Spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" });

        var seen = await _cluster.UntilAsync<Pod>("nowhere", p => p.Status?.Conditions?.Any(c => c.Type == "PodScheduled") is true);

        var condition = seen.Status!.Conditions!.Single(c => c.Type == "PodScheduled");
        Assert.Equal("Unschedulable", condition.Reason);
        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            condition.Message);
        Assert.Equal("Warning", (await _cluster.EventAsync("nowhere", "FailedScheduling")).Type);
    }

    private async Task<NamespacedName> RunningAsync(string name) => (await _cluster.UntilAsync<Pod>(name, p => p.Status?.Phase == "Running")).Key;

    private List<int> ProcessesOf(Pod pod) =>
        [.. ProcessStat.All().Where(s => s.State != 'Z' && _cluster.Cluster.PodProcesses.TryFind(s.Pid)?.PodUid == pod.Metadata.Uid).Select(s => s.Pid)];

    private async Task<string> FirstLogAsync(NamespacedName pod, int lines = 1)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var stream = await _cluster.Kube.OpenLogsAsync(pod, new LogOptions { Follow = true }, limit.Token);
        using var reader = new StreamReader(stream);
        var text = "";
        for (var i = 0; i < lines; i++) text += await reader.ReadLineAsync(limit.Token) + "\n";
        return text;
    }

    private static async Task Eventually(Func<bool> holds)
    {
        for (var i = 0; i < 200 && !holds(); i++) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        Assert.True(holds());
    }
}
