namespace Castellan.Policy;

/// <summary>Who may approve what: checked when a statement arrives, and again where the effect happens.</summary>
public static class ApprovalRules
{
    /// <summary>Checks a verified statement against the call it is about. Pure.</summary>
    /// <param name="request">The call that waits.</param>
    /// <param name="approval">The statement, from <see cref="ApprovalStatement.Verify"/>.</param>
    /// <param name="now">The time.</param>
    public static ApprovalCheck Check(ApprovalRequest request, VerifiedApproval approval, DateTimeOffset now)
    {
        var statement = approval.Statement;
        if (statement.CallId != request.CallId) return ApprovalCheck.Refused($"the statement is about call '{statement.CallId}', not '{request.CallId}'; approve this call");
        if (statement.ArgumentsDigest != request.ArgumentsDigest)
        {
            return ApprovalCheck.Refused($"the statement is about arguments with digest {statement.ArgumentsDigest}, the call has {request.ArgumentsDigest}; look at the call again and approve what it is");
        }
        if (now >= request.ExpiresAt) return ApprovalCheck.Refused($"the call stopped waiting at {request.ExpiresAt:O}; ask the agent again");
        if (now >= statement.ExpiresAt) return ApprovalCheck.Refused($"the statement expired at {statement.ExpiresAt:O}; approve again");
        if (approval.User != statement.Approver) return ApprovalCheck.Refused($"'{approval.User}' signed for '{statement.Approver}'; sign for yourself");
        if (IsWorkload(approval.User)) return ApprovalCheck.Refused($"'{approval.User}' is a workload; a person must approve");
        if (request.Requesters.Contains(approval.User, StringComparer.OrdinalIgnoreCase))
        {
            return ApprovalCheck.Refused($"'{approval.User}' asked for the call; another principal must approve it");
        }
        var isNamed = request.Approvers.Count > 0 && request.Approvers.All(s =>
            (s.Users?.Contains(approval.User) ?? false) || (s.Groups?.Intersect(approval.Groups).Any() ?? false));
        return isNamed ? ApprovalCheck.Accepted : ApprovalCheck.Refused($"'{approval.User}' is not among the approvers of the rule; {Named(request)}");
    }

    // An agent's service account and SPIFFE ID are of these forms, so no agent approves anything, its own calls least of all.
    private static bool IsWorkload(string user) =>
        user.StartsWith("system:", StringComparison.OrdinalIgnoreCase) || user.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase);

    private static string Named(ApprovalRequest request)
    {
        var users = request.Approvers.SelectMany(s => s.Users ?? []).Distinct();
        var groups = request.Approvers.SelectMany(s => s.Groups ?? []).Distinct().Select(g => $"group {g}");
        return $"ask {string.Join(", ", users.Concat(groups))}";
    }
}
