using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Delegations;

/// <summary>Whose authority a request to a tool server needs. All of it is what the gateway knows itself: from its run record, or from the edge's authentication.</summary>
/// <param name="Subject">The human the call is for.</param>
/// <param name="Groups">Their groups.</param>
/// <param name="Actor">The agent that makes the call; null when the human does.</param>
/// <param name="Run">The run; null when the human makes the call.</param>
/// <param name="Audience">The tool server.</param>
internal sealed record DelegationRequest(string Subject, IReadOnlyList<string> Groups, SpiffeId? Actor, string? Run, SpiffeId Audience)
{
    /// <summary>Where a request to a tool server carries it, for the handler that knows which certificate the connection shows.</summary>
    internal static readonly HttpRequestOptionsKey<DelegationRequest> Option = new("castellan.dev/delegation");

    /// <summary>When the human's login ends; null when it has no end.</summary>
    internal DateTimeOffset? LoginExpiresAt { get; init; }

    /// <summary>Two requests share a token if all of this is the same: one run's token is never used in another.</summary>
    internal string CacheKey { get; } = $"{Run}\n{Actor}\n{Subject}\n{string.Join('\t', Groups)}\n{Audience}";
}
