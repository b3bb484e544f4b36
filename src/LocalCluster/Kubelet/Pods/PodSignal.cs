using Castellan.KubeApi.Core;
using Castellan.LocalCluster.Kubelet.Probes;

namespace Castellan.LocalCluster.Kubelet.Pods;

/// <summary>Something a pod's worker reacts to.</summary>
internal abstract record PodSignal;

/// <summary>The API server shows the pod like this now.</summary>
internal sealed record PodSeen(Pod Pod) : PodSignal;

/// <summary>The API server has the pod no more.</summary>
internal sealed record PodGone : PodSignal;

/// <summary>A container's process ended.</summary>
internal sealed record ContainerEnded(ContainerRun Run, RunningContainer Process, int ExitCode, string? Message) : PodSignal;

/// <summary>A probe's verdict changed.</summary>
internal sealed record Probed(ContainerRun Run, RunningContainer Process, ProbeKind Kind, bool Ok) : PodSignal;

/// <summary>The kubelet stops: end the containers, leave the pod as it is.</summary>
internal sealed record NodeStops : PodSignal;

/// <summary>A wait is over.</summary>
internal sealed record Due : PodSignal;
