using Castellan.KubeApi.Core;
using Castellan.KubeClient.Events;
using Castellan.LocalCluster.Kubelet.Probes;

namespace Castellan.LocalCluster.Kubelet.Pods;

internal sealed partial class PodWorker
{
    private void StartProbes(ContainerRun run, RunningContainer process)
    {
        if (run.Spec.StartupProbe is { } startup)
        {
            StartProbe(run, process, ProbeKind.Startup, startup);
            return; // the others wait for it
        }
        Started(run, process);
    }

    private void Started(ContainerRun run, RunningContainer process)
    {
        run.Started = true;
        if (run.Spec.LivenessProbe is { } liveness) StartProbe(run, process, ProbeKind.Liveness, liveness);
        if (run.Spec.ReadinessProbe is { } readiness) StartProbe(run, process, ProbeKind.Readiness, readiness);
        else run.Ready = true;
    }

    private void StartProbe(ContainerRun run, RunningContainer process, ProbeKind kind, Probe probe)
    {
        var loop = new ProbeLoop(kind, probe, _node.Time, ct => CheckAsync(run, process, probe, ct));
        var pod = _pod;
        process.RunBeside(ct => loop.RunAsync(
            ok => Post(new Probed(run, process, kind, ok)),
            output => _node.Events.Record(pod, EventType.Warning, "Unhealthy", $"{kind} probe failed: {output}", run.FieldPath),
            ct));
    }

    private Task<ProbeResult> CheckAsync(ContainerRun run, RunningContainer process, Probe probe, CancellationToken ct) => probe switch
    {
        { HttpGet: { } get } => _node.Probes.HttpAsync(get, _ip!, run.Spec, ct),
        { TcpSocket: { } tcp } => ProbeClient.TcpAsync(tcp, _ip!, run.Spec, ct),
        { Exec.Command: { } command } => process.ExecAsync(command, ct),
        _ => Task.FromResult(new ProbeResult(false, "this kind of probe is not available on a local cluster; use httpGet, tcpSocket or exec")),
    };

    private void Take(Probed probed)
    {
        var run = probed.Run;
        if (run.Process != probed.Process || run.Stopping) return;
        switch (probed.Kind)
        {
            case ProbeKind.Readiness:
                run.Ready = probed.Ok;
                break;
            case ProbeKind.Startup when probed.Ok:
                Started(run, probed.Process);
                break;
            case ProbeKind.Startup or ProbeKind.Liveness when !probed.Ok:
                var kind = probed.Kind == ProbeKind.Startup ? "startup" : "liveness";
                _node.Events.Record(_pod, EventType.Normal, "Killing", $"Container {run.Name} failed {kind} probe, will be restarted", run.FieldPath);
                Stop(run, TimeSpan.FromSeconds(_pod.Spec.TerminationGracePeriodSeconds ?? 30));
                break;
        }
    }
}
