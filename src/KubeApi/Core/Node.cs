namespace Castellan.KubeApi.Core;

/// <summary>A machine that runs pods.</summary>
[KubeResource("", "v1", "Node", "nodes", Namespaced = false)]
public sealed class Node : KubeObject
{
    /// <summary>What it shall be.</summary>
    public NodeSpec? Spec { get; set; }

    /// <summary>What was observed.</summary>
    public NodeStatus? Status { get; set; }
}

/// <summary>What a node shall be.</summary>
public sealed class NodeSpec : KubeFields
{
    /// <summary>True takes no new pods.</summary>
    public bool? Unschedulable { get; set; }

    /// <summary>Addresses of its pods.</summary>
    public string? PodCIDR { get; set; }

    /// <summary>Its identity at the provider.</summary>
    public string? ProviderID { get; set; }

    /// <summary>Keep pods away that do not tolerate them.</summary>
    public IList<Taint>? Taints { get; set; }
}

/// <summary>Keeps pods away that do not tolerate it.</summary>
public sealed class Taint : KubeFields
{
    /// <summary>Its key.</summary>
    public string Key { get; set; } = "";

    /// <summary>Its value.</summary>
    public string? Value { get; set; }

    /// <summary><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</summary>
    public string Effect { get; set; } = "";
}

/// <summary>What was observed of a node.</summary>
public sealed class NodeStatus : KubeFields
{
    /// <summary>What it has.</summary>
    public IDictionary<string, string>? Capacity { get; set; }

    /// <summary>What pods can get of it.</summary>
    public IDictionary<string, string>? Allocatable { get; set; }

    /// <summary>Facts, for example <c>Ready</c>.</summary>
    public IList<NodeCondition>? Conditions { get; set; }

    /// <summary>Its addresses.</summary>
    public IList<NodeAddress>? Addresses { get; set; }

    /// <summary>What it runs.</summary>
    public NodeSystemInfo? NodeInfo { get; set; }
}

/// <summary>One observed fact about a node.</summary>
public sealed class NodeCondition : KubeFields
{
    /// <summary>The fact.</summary>
    public string Type { get; set; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; set; } = "";

    /// <summary>When it was last observed.</summary>
    public DateTime? LastHeartbeatTime { get; set; }

    /// <summary>When <see cref="Status"/> last changed.</summary>
    public DateTime? LastTransitionTime { get; set; }

    /// <summary>One word.</summary>
    public string? Reason { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }
}

/// <summary>One address of a node.</summary>
public sealed class NodeAddress : KubeFields
{
    /// <summary><c>InternalIP</c>, <c>Hostname</c>, …</summary>
    public string Type { get; set; } = "";

    /// <summary>The address.</summary>
    public string Address { get; set; } = "";
}

/// <summary>What a node runs.</summary>
public sealed class NodeSystemInfo : KubeFields
{
    /// <summary>Identity of the machine.</summary>
    public string MachineID { get; set; } = "";

    /// <summary>Identity of the system.</summary>
    public string SystemUUID { get; set; } = "";

    /// <summary>Identity of this boot.</summary>
    public string BootID { get; set; } = "";

    /// <summary>Version of the kernel.</summary>
    public string KernelVersion { get; set; } = "";

    /// <summary>Name of the system.</summary>
    public string OsImage { get; set; } = "";

    /// <summary>Name and version of the runtime.</summary>
    public string ContainerRuntimeVersion { get; set; } = "";

    /// <summary>Version of the kubelet.</summary>
    public string KubeletVersion { get; set; } = "";

    /// <summary>Version of the proxy.</summary>
    public string KubeProxyVersion { get; set; } = "";

    /// <summary><c>linux</c>.</summary>
    public string OperatingSystem { get; set; } = "";

    /// <summary><c>amd64</c>, <c>arm64</c>, …</summary>
    public string Architecture { get; set; } = "";
}
