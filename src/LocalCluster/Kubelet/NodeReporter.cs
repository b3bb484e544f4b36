using System.Globalization;
using System.Runtime.InteropServices;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Registers this machine as a node and says now and then that it is well.</summary>
internal sealed class NodeReporter(KubeConnection kube, string name, string podCidr)
{
    // The real kubelet reports an unchanged status every five minutes.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(5);
    private DateTime _readySince;

    /// <summary>Creates or renews the node.</summary>
    public async Task ReportAsync(CancellationToken ct)
    {
        var now = kube.Time.GetUtcNow().UtcDateTime;
        var node = await kube.FindAsync<Node>(new NamespacedName("", name), ct) ?? await CreateAsync(ct);
        if (_readySince == default) _readySince = now;
        var status = Describe(now);
        await kube.PatchAsync<Node>(node.Key, KubePatch.Merge(new { Status = status }), "status", ct: ct);
    }

    /// <summary>Reports until cancelled.</summary>
    public async Task RunAsync(Action<Exception> failed, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Heartbeat, kube.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                try
                {
                    await ReportAsync(ct);
                }
                catch (Exception e) when (e is KubeException or KubeUnreachableException)
                {
                    failed(e);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private Task<Node> CreateAsync(CancellationToken ct) => kube.CreateAsync(new Node
    {
        Metadata =
        {
            Name = name,
            Labels = new Dictionary<string, string>
            {
                ["kubernetes.io/hostname"] = name, ["kubernetes.io/os"] = "linux", ["kubernetes.io/arch"] = Architecture,
                ["node-role.kubernetes.io/control-plane"] = "",
            },
        },
        Spec = new NodeSpec { PodCIDR = podCidr },
    }, ct: ct);

    private NodeStatus Describe(DateTime now)
    {
        var capacity = new Dictionary<string, string>
        {
            ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["memory"] = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki",
            ["pods"] = "110",
        };
        return new NodeStatus
        {
            Capacity = capacity,
            Allocatable = capacity,
            Addresses = [new NodeAddress { Type = "InternalIP", Address = "127.0.0.1" }, new NodeAddress { Type = "Hostname", Address = name }],
            Conditions = [new NodeCondition
            {
                Type = "Ready", Status = "True", Reason = "KubeletReady", Message = "kubelet is posting ready status",
                LastHeartbeatTime = now, LastTransitionTime = _readySince,
            }],
            NodeInfo = new NodeSystemInfo
            {
                Architecture = Architecture,
                OperatingSystem = "linux",
                KernelVersion = Environment.OSVersion.Version.ToString(),
                OsImage = RuntimeInformation.OSDescription,
                ContainerRuntimeVersion = "process://1",
                KubeletVersion = "v1.34.0-castellan",
                MachineID = name,
            },
        };
    }

    private static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";
}
