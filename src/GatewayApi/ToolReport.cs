using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.GatewayApi;

/// <summary>A tool with its pinned definition and the one that its server lists now.</summary>
public sealed record ToolReport
{
    /// <summary>Namespace of the tool server.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the tool server.</summary>
    public required string Server { get; init; }

    /// <summary>Name on the server.</summary>
    public required string Name { get; init; }

    /// <summary>How the listed definition stands to the pinned one.</summary>
    public required ToolState State { get; init; }

    /// <summary>Why it is blocked, and what to do; absent for a pinned tool.</summary>
    public string? Reason { get; init; }

    /// <summary>Digest of the listed definition; absent when the server no longer lists the tool.</summary>
    public string? Digest { get; init; }

    /// <summary>Digest of the pinned definition.</summary>
    public string? PinnedDigest { get; init; }

    /// <summary>When it was pinned (UTC).</summary>
    public DateTimeOffset? PinnedAt { get; init; }

    /// <summary>Who pinned it: a user, <c>first sight</c>, <c>spec</c> or <c>follow</c>.</summary>
    public string? PinnedBy { get; init; }

    /// <summary>When the deviation from the pin was seen first (UTC).</summary>
    public DateTimeOffset? DetectedAt { get; init; }

    /// <summary>Whose name its own can be taken for, a finding each.</summary>
    public IReadOnlyList<string> Imitates { get; init; } = [];

    /// <summary>The pinned definition: the JSON whose canonical form has <see cref="PinnedDigest"/>. Only where definitions were asked for.</summary>
    public JsonObject? Pinned { get; init; }

    /// <summary>The listed definition: the JSON whose canonical form has <see cref="Digest"/>. Only where definitions were asked for, and for a tool that is not pinned.</summary>
    public JsonObject? Listed { get; init; }
}

/// <summary>Approves definitions of tools, all of them or none.</summary>
/// <param name="Tools">The definitions.</param>
public sealed record ApproveToolsRequest(IReadOnlyList<ApprovedTool> Tools);

/// <summary>A definition that somebody looked at.</summary>
/// <param name="Name">Name of the tool on its server.</param>
/// <param name="Digest">Digest of the definition; empty says that the tool may stay away, and forgets its pin.</param>
public sealed record ApprovedTool(string Name, string Digest);
