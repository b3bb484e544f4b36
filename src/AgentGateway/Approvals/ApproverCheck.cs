using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Policies;
using Castellan.Policy;

namespace Castellan.AgentGateway.Approvals;

/// <summary>Whether signed statements decide on exactly this call, by people who may. Asked when one comes in and again at the effect.</summary>
internal sealed class ApproverCheck(ClientAuthorities authorities, PolicyInForce policy, TimeProvider clock)
{
    /// <summary>What statements about a call are checked against.</summary>
    /// <param name="spec">The call.</param>
    /// <param name="demands">What policy wants said.</param>
    /// <param name="deadline">Until when a decision is taken; the effect of a call that was approved in time has none.</param>
    internal ApprovalRequest RequestOf(CallSpec spec, IReadOnlyList<ApprovalDemand> demands, DateTimeOffset deadline) => new()
    {
        CallId = spec.CallId,
        ArgumentsDigest = spec.ArgumentsDigest,
        Call = policy.ContextOf(PolicyQuestion.Of(spec)),
        Demands = demands,
        ExpiresAt = deadline,
    };

    /// <summary>Verifies a statement that is handed in now.</summary>
    /// <exception cref="ApprovalStatementException">It does not hold; the message says why.</exception>
    internal async Task<VerifiedApproval> VerifyAsync(ApprovalRequest request, string statement, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return Verify(request, ApprovalStatement.Verify(statement, await authorities.ReadAsync(ct), now), now);
    }

    /// <summary>Verifies statements again that were accepted before.</summary>
    /// <exception cref="ApprovalStatementException">One does not hold any more; the message says why.</exception>
    internal async Task<IReadOnlyList<VerifiedApproval>> VerifyAsync(ApprovalRequest request, IReadOnlyList<StoredStatement> statements, CancellationToken ct)
    {
        if (statements.Count == 0)
        {
            return [];
        }

        var trusted = await authorities.ReadAsync(ct);
        return [.. statements.Select(s => Verify(request, ApprovalStatement.Verify(s.Statement, trusted, s.AcceptedAt), s.AcceptedAt))];
    }

    private static VerifiedApproval Verify(ApprovalRequest request, VerifiedApproval verified, DateTimeOffset handedIn)
    {
        var found = ApprovalRules.Check(request, verified, handedIn);
        return found.IsAccepted ? verified : throw new ApprovalStatementException(found.Reason);
    }
}
