using Castellan.AgentGateway.Calls;
using Castellan.Policy;

namespace Castellan.AgentGateway.Approvals;

/// <summary>Whether a signed statement decides on exactly this call, by somebody who may. Asked when it comes in and again at the effect.</summary>
internal sealed class ApproverCheck(ClientAuthorities authorities, TimeProvider clock)
{
    /// <summary>Passes or throws.</summary>
    /// <param name="spec">The call.</param>
    /// <param name="decision">What policy says about it now: names the approvers.</param>
    /// <param name="statement">The compact JWS.</param>
    /// <param name="deadline">Until when a decision is taken; the effect of a call that was approved in time has none.</param>
    /// <param name="ct">Ends the check.</param>
    /// <exception cref="ApprovalStatementException">It does not hold; the message says why.</exception>
    internal async Task<ApprovalStatement> CheckAsync(CallSpec spec, CallDecision decision, string statement, DateTimeOffset deadline, CancellationToken ct)
    {
        var verified = ApprovalStatement.Verify(statement, await authorities.ReadAsync(ct), clock);
        var request = new ApprovalRequest
        {
            CallId = spec.CallId,
            ArgumentsDigest = spec.ArgumentsDigest,
            Requesters = [spec.OnBehalfOf, spec.Principal.Name],
            Approvers = decision.Approvers,
            ExpiresAt = deadline,
        };
        var found = ApprovalRules.Check(request, verified, clock.GetUtcNow());
        return found.IsAccepted ? verified.Statement : throw new ApprovalStatementException(found.Reason);
    }
}
