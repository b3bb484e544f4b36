using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;

namespace Castellan.AgentGateway.Integrity;

/// <summary>A definition that a tool's server is believed.</summary>
/// <param name="Server">The tool server.</param>
/// <param name="Tool">Name on the server.</param>
/// <param name="Digest">Digest of the definition.</param>
/// <param name="PinnedAt">Since when.</param>
/// <param name="PinnedBy">A user, or one of the words below.</param>
internal sealed record ToolPin(NamespacedName Server, string Tool, string Digest, DateTimeOffset PinnedAt, string PinnedBy)
{
    internal const string ByFirstSight = "first sight";
    internal const string BySpec = "spec";
    internal const string ByFollow = "follow";

    /// <summary>The definition, where it was read.</summary>
    internal JsonObject? Definition { get; init; }
}

/// <summary>What a server lists in place of a pinned definition, or without one.</summary>
/// <param name="Server">The tool server.</param>
/// <param name="Tool">Name on the server.</param>
/// <param name="State">Any but Pinned.</param>
/// <param name="Digest">Digest of what it lists; empty when the tool is gone.</param>
/// <param name="Reason">Why that is not accepted, and what to do.</param>
/// <param name="DetectedAt">When it was seen first.</param>
internal sealed record ToolDeviation(NamespacedName Server, string Tool, ToolState State, string Digest, string Reason, DateTimeOffset DetectedAt)
{
    /// <summary>The definition, where it was read.</summary>
    internal JsonObject? Definition { get; init; }
}

/// <summary>What is stored of one tool server.</summary>
/// <param name="IsKnown">Tools of it were pinned before: it is past its first sight.</param>
/// <param name="Pins">By tool.</param>
/// <param name="Deviations">By tool.</param>
internal sealed record StoredTools(bool IsKnown, IReadOnlyDictionary<string, ToolPin> Pins, IReadOnlyDictionary<string, ToolDeviation> Deviations);
