namespace Castellan.Policy;

/// <summary>Who may approve or confirm what: checked when a statement arrives, and again where the effect happens.</summary>
public static class ApprovalRules
{
    /// <summary>Checks whether a verified statement counts for the call it is about. Pure.</summary>
    /// <param name="request">The call that waits.</param>
    /// <param name="approval">The statement, from <see cref="ApprovalStatement.Verify"/>.</param>
    /// <param name="now">The time at which it is, or was, handed in.</param>
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
        return request.IsRequester(approval.User) ? CheckRequester(request, approval) : CheckOther(request, approval);
    }

    /// <summary>Adds up the statements on a call. Pure.</summary>
    /// <param name="request">The call that waits.</param>
    /// <param name="statements">The statements that <see cref="Check"/> accepted.</param>
    public static ApprovalTally Tally(ApprovalRequest request, IReadOnlyCollection<VerifiedApproval> statements)
    {
        var refusal = statements.FirstOrDefault(s => s.Statement.Decision == ApprovalVerdict.Refuse);
        var open = request.Demands.Select(demand => new OpenDemand(demand, Missing(demand, request, statements))).Where(o => o.Missing > 0).ToList();
        return new ApprovalTally(refusal?.User, open, IsMet: refusal is null && request.Demands.Count > 0 && open.Count == 0);
    }

    private static int Missing(ApprovalDemand demand, ApprovalRequest request, IEnumerable<VerifiedApproval> statements) => demand.Quorum - statements
        .Where(s => s.Statement.Decision == ApprovalVerdict.Approve && Counts(demand, request, s).Counts)
        .Select(s => s.User).Distinct(StringComparer.OrdinalIgnoreCase).Count();

    private static ApprovalCheck CheckRequester(ApprovalRequest request, VerifiedApproval approval) =>
        request.Demands.Any(d => d.Kind == ApprovalKind.Confirmation) && approval.User == request.Person
            ? ApprovalCheck.Accepted
            : ApprovalCheck.Refused($"'{approval.User}' asked for the call; another principal must approve it");

    private static ApprovalCheck CheckOther(ApprovalRequest request, VerifiedApproval approval)
    {
        string? problem = null;
        foreach (var demand in request.Demands)
        {
            var (counts, why) = Counts(demand, request, approval);
            if (counts) return ApprovalCheck.Accepted;
            problem ??= why;
        }
        return ApprovalCheck.Refused(problem is null
            ? $"'{approval.User}' is not among those who may decide; ask {string.Join(" and ", request.Demands.Select(d => Who(d, request)))}"
            : $"whether '{approval.User}' may approve cannot be told: {problem}");
    }

    private static (bool Counts, string? Problem) Counts(ApprovalDemand demand, ApprovalRequest request, VerifiedApproval approval)
    {
        if (demand.Kind == ApprovalKind.Confirmation) return (approval.User == request.Person, null);
        if (request.IsRequester(approval.User)) return (false, null);
        var isNamed = demand.Users.Contains(approval.User) || demand.Groups.Intersect(approval.Groups).Any();
        if (!isNamed && (demand.Users.Count > 0 || demand.Groups.Count > 0 || demand.When is null)) return (false, null);
        return demand.When is { } condition ? ApproverCondition.Ask(condition, request.Call, approval) : (true, null);
    }

    private static string Who(ApprovalDemand demand, ApprovalRequest request)
    {
        if (demand.Kind == ApprovalKind.Confirmation) return $"'{request.Person}', whom the call is for";
        var named = demand.Users.Concat(demand.Groups.Select(g => $"group {g}")).ToList();
        return (named.Count > 0 ? string.Join(", ", named) : "somebody") + (demand.When is null ? "" : $" of whom holds: {demand.When}");
    }

    // An agent's service account and SPIFFE ID are of these forms, so no agent approves anything, its own calls least of all.
    private static bool IsWorkload(string user) =>
        user.StartsWith("system:", StringComparison.OrdinalIgnoreCase) || user.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase);
}
