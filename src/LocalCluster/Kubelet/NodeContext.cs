using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Castellan.LocalCluster.Kubelet.Logs;
using Castellan.LocalCluster.Kubelet.Probes;
using Castellan.LocalCluster.Kubelet.Processes;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>What all pods of the node share.</summary>
internal sealed class NodeContext
{
    public required KubeConnection Kube { get; init; }

    public required KubeletOptions Options { get; init; }

    public required ProcessLauncher Launcher { get; init; }

    public required PodProcesses Processes { get; init; }

    public required PodLogs Logs { get; init; }

    public required PodAddresses Addresses { get; init; }

    public required EventRecorder Events { get; init; }

    public required ProbeClient Probes { get; init; }

    /// <summary>Null when all pods share our uid.</summary>
    public ServiceAccountUids? Uids { get; init; }

    public required ILogger Log { get; init; }

    public TimeProvider Time => Kube.Time;

    /// <summary>Address of the node.</summary>
    public string HostIp => "127.0.0.1";
}
