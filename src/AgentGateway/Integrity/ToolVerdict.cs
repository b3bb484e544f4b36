using Castellan.AgentApi.V1Alpha1;

namespace Castellan.AgentGateway.Integrity;

/// <summary>How one tool of a listing stands to its pin.</summary>
/// <param name="Tool">Name on the server.</param>
/// <param name="State">Any but Pinned blocks it.</param>
/// <param name="Reason">Why it is blocked and what to do; empty for Pinned.</param>
internal sealed record ToolVerdict(string Tool, ToolState State, string Reason)
{
    /// <summary>What the server lists; null when the tool is gone.</summary>
    internal ListedTool? Listed { get; init; }

    /// <summary>Digest of the pinned definition; null while there is none.</summary>
    internal string? PinnedDigest { get; init; }

    /// <summary>Who or what pins the listed definition with this verdict; null where nothing is pinned anew.</summary>
    internal string? PinBy { get; init; }
}
