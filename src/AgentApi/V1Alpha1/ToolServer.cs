using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.AgentApi.Workloads;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>A server of MCP tools: run in a pod of its own and reachable through the gateway alone, or somebody else's.</summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "ToolServer", "toolservers")]
[ShortNames("ts")]
[ObjectName(WorkloadNames.MaxLength, WorkloadNames.Pattern)]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason", Priority = 1)]
[PrinterColumn("Tools", "integer", ".status.toolCount")]
[PrinterColumn("Changed", "string", ".status.conditions[?(@.type==\"ToolsChanged\")].status", Priority = 1)]
[PrinterColumn("SPIFFE ID", "string", ".status.spiffeId")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class ToolServer : KubeObject
{
    /// <summary>What the tool server shall be.</summary>
    public required ToolServerSpec Spec { get; set; }

    /// <summary>What the controller and the gateway observed.</summary>
    public ToolServerStatus? Status { get; set; }
}

/// <summary>What a tool server shall be: exactly one of <see cref="BuiltIn"/>, <see cref="Container"/> and <see cref="Remote"/>.</summary>
[OneOf(nameof(BuiltIn), nameof(Container), nameof(Remote))]
public sealed class ToolServerSpec
{
    /// <summary>One of Castellan's own servers.</summary>
    public BuiltInServer? BuiltIn { get; set; }

    /// <summary>Any MCP server as a container.</summary>
    public ContainerServer? Container { get; set; }

    /// <summary>An MCP server that somebody else runs, by its URL.</summary>
    public RemoteServer? Remote { get; set; }

    /// <summary>
    /// What each tool does to the world, by tool name. Built-in servers declare their own; for others an unnamed tool counts as
    /// <see cref="ToolEffect.Write"/>, whatever its annotations say.
    /// </summary>
    public IDictionary<string, ToolEffect>? Effects { get; set; }

    /// <summary>Which definitions of its tools the server is believed; absent: those of the first listing.</summary>
    public ToolIntegrity? Integrity { get; set; }
}

/// <summary>One of Castellan's own tool servers.</summary>
public sealed class BuiltInServer
{
    /// <summary>Which server.</summary>
    public required BuiltInKind Server { get; set; }

    /// <summary>Namespaces the server may look into; absent or empty means all that the acting account may see.</summary>
    [MaxLength(100)]
    public IList<string>? Namespaces { get; set; }

    /// <summary>True offers only tools that change nothing.</summary>
    [DefaultValue(false)]
    public bool? ReadOnly { get; set; }

    /// <summary>
    /// Users in whose name the server may act when they call it themselves, for example from an IDE. The installation must allow each.
    /// Agents need no entry.
    /// </summary>
    [MaxLength(100)]
    public IList<string>? ImpersonateUsers { get; set; }

    /// <summary>Groups of those users that the server may act with. The installation must allow each.</summary>
    [MaxLength(100)]
    public IList<string>? ImpersonateGroups { get; set; }
}

/// <summary>Castellan's own tool servers.</summary>
public enum BuiltInKind
{
    /// <summary>The Kubernetes cluster: list, get, describe, events, logs, rollouts, restart, patch, scale.</summary>
    Cluster,
}

/// <summary>Any MCP server as a container.</summary>
public sealed class ContainerServer
{
    /// <summary>
    /// Container image, run without root and with a read-only root file system; <c>/tmp</c> is writable. Required for
    /// <see cref="ToolTransport.StreamableHttp"/>. For <see cref="ToolTransport.Stdio"/> an image made from castellan.dev/spiffe-agent that also
    /// holds the command; absent takes castellan.dev/spiffe-agent itself, which is right for the local cluster: there any command of
    /// the host will do, for example npx.
    /// </summary>
    [MinLength(1), MaxLength(1024)]
    public string? Image { get; set; }

    /// <summary>Command and its arguments; absent takes the image's own. Required for <see cref="ToolTransport.Stdio"/>.</summary>
    [MaxLength(100)]
    public IList<string>? Command { get; set; }

    /// <summary>Environment of the server. Not for secrets.</summary>
    public IDictionary<string, string>? Environment { get; set; }

    /// <summary>How the server is spoken to.</summary>
    [DefaultValue(ToolTransport.StreamableHttp)]
    public ToolTransport? Transport { get; set; }

    /// <summary>Port on which the server speaks plain HTTP on localhost, for <see cref="ToolTransport.StreamableHttp"/>.</summary>
    [Range(1, 65535), DefaultValue(8000)]
    public int? Port { get; set; }

    /// <summary>Path of the MCP endpoint on that port.</summary>
    [RegularExpression("^/"), DefaultValue("/mcp")]
    public string? Path { get; set; }
}

/// <summary>MCP transports of a container.</summary>
public enum ToolTransport
{
    /// <summary>Streamable HTTP on localhost.</summary>
    StreamableHttp,

    /// <summary>Standard input and output of the command.</summary>
    Stdio,
}

/// <summary>What a tool call does to the world; policy and crash recovery depend on it.</summary>
public enum ToolEffect
{
    /// <summary>Changes nothing; may be repeated.</summary>
    Read,

    /// <summary>Changes something; doing it twice is the same as once.</summary>
    IdempotentWrite,

    /// <summary>Changes something; never repeated on its own after a crash.</summary>
    Write,

    /// <summary>Removes something that cannot be had back.</summary>
    Destructive,
}

/// <summary>What the controller and the gateway observed of a tool server.</summary>
public sealed class ToolServerStatus
{
    /// <summary>Generation of the spec that this status describes.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>
    /// <c>Ready</c> (controller): a pod of the current revision runs; of a remote server: its tools were listed. <c>Discovered</c> (gateway): its tools were listed. <c>ToolsChanged</c> (gateway):
    /// some are blocked, because their definitions are not the pinned ones. <c>ToolsImitate</c> (gateway): some have names that can be taken for others.
    /// </summary>
    [ListKey(nameof(Condition.Type))]
    public IList<Condition>? Conditions { get; set; }

    /// <summary>The SPIFFE ID of the server's pods; a remote server has none.</summary>
    public string? SpiffeId { get; set; }

    /// <summary>Number of <see cref="Tools"/>.</summary>
    public int? ToolCount { get; set; }

    /// <summary>The tools that the gateway discovered.</summary>
    [ListKey(nameof(DiscoveredTool.Name))]
    public IList<DiscoveredTool>? Tools { get; set; }
}

/// <summary>A tool as the gateway found it.</summary>
public sealed class DiscoveredTool
{
    /// <summary>Name on the server.</summary>
    public required string Name { get; set; }

    /// <summary>What it does to the world, as Castellan treats it.</summary>
    public required ToolEffect Effect { get; set; }

    /// <summary>SHA-256 over name, title, description, schemas and annotations in canonical JSON, as <c>sha256:</c> and 64 hex digits.</summary>
    public required string Digest { get; set; }

    /// <summary>How its definition stands to the pinned one; any other than Pinned is blocked.</summary>
    public ToolState? State { get; set; }

    /// <summary>Digest of the pinned definition; absent while there is none.</summary>
    public string? PinnedDigest { get; set; }

    /// <summary>Whose name its own can be taken for, a finding each.</summary>
    [MaxLength(10)]
    public IList<string>? Imitates { get; set; }
}
