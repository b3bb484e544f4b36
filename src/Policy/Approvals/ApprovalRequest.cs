using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>A call that waits for approval, as far as the rules of approval need it.</summary>
public sealed record ApprovalRequest
{
    /// <summary>The call.</summary>
    public required string CallId { get; init; }

    /// <summary>Digest of its arguments.</summary>
    public required string ArgumentsDigest { get; init; }

    /// <summary>Who called, or for whom the agent called: none of these may approve.</summary>
    public required IReadOnlyList<string> Requesters { get; init; }

    /// <summary>Who may approve: the approver must be named by each.</summary>
    public required IReadOnlyList<ApproverSet> Approvers { get; init; }

    /// <summary>Until when an approval is waited for.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Makes the request of a call on which policy decided <see cref="DecisionEffect.RequireApproval"/>.</summary>
    /// <param name="callId">The call.</param>
    /// <param name="argumentsDigest">Digest of its arguments.</param>
    /// <param name="call">The call as policy saw it.</param>
    /// <param name="decision">What policy decided.</param>
    /// <exception cref="ArgumentException">The decision asks for no approval.</exception>
    public static ApprovalRequest Of(string callId, string argumentsDigest, CallContext call, Decision decision)
    {
        if (decision.Effect != DecisionEffect.RequireApproval || decision.ExpiresAfterSeconds is not { } seconds)
        {
            throw new ArgumentException($"the decision is {decision.Effect}; only RequireApproval can be approved", nameof(decision));
        }
        List<string?> requesters = [call.Principal.User, call.Principal.SpiffeId, call.OnBehalfOf?.User, call.OnBehalfOf?.SpiffeId];
        return new ApprovalRequest
        {
            CallId = callId,
            ArgumentsDigest = argumentsDigest,
            Requesters = [.. requesters.Where(r => !string.IsNullOrEmpty(r)).Select(r => r!).Distinct()],
            Approvers = decision.Approvers,
            ExpiresAt = call.Time.AddSeconds(seconds),
        };
    }
}
