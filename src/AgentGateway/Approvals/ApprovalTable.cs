using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Storage;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Approvals;

/// <summary>Approvals as rows. A row leaves Pending once: whoever changes it first, approver or deadline, has decided.</summary>
internal static class ApprovalTable
{
    private const string Columns = "select body, state, decided_by, decided_at from gateway_approval ";

    internal static void Insert(IUnitOfWork unit, CallSpec spec, string? retryKey)
    {
        var approval = Of(spec);
        unit.Post(
            "insert into gateway_approval(call_id, state, body, retry_key, created_at, expires_at) values($1, 'Pending', $2, $3, $4, $5)",
            spec.CallId, Json.Write(approval), retryKey, approval.CreatedAt, approval.ExpiresAt);
    }

    /// <summary>True if a decision is still waited for. It stays so for the rest of the unit, also beside other replicas.</summary>
    internal static bool Hold(IUnitOfWork unit, string callId, DateTimeOffset now) => unit.Execute(
        "update gateway_approval set state = state where call_id = $1 and state = 'Pending' and expires_at > $2", callId, now) == 1;

    /// <summary>Decides an approval that is held.</summary>
    internal static void Decide(IUnitOfWork unit, string callId, ApprovalState state, string by, DateTimeOffset now) => unit.Post(
        "update gateway_approval set state = $2, decided_by = $3, decided_at = $4 where call_id = $1", callId, state.ToString(), by, now);

    internal static bool Expire(IUnitOfWork unit, string callId, DateTimeOffset now) => unit.Execute(
        "update gateway_approval set state = 'Expired', decided_at = $2 where call_id = $1 and state = 'Pending'", callId, now) == 1;

    internal static StoredApproval? Find(IReadView view, string callId) =>
        view.First(Columns + "where call_id = $1", Read, callId) is { } approval ? new StoredApproval(approval, StatementTable.List(view, callId)) : null;

    internal static List<StoredApproval> List(IReadView view, ApprovalState? state)
    {
        var found = state is { } only
            ? view.Query(Columns + "where state = $1 order by created_at desc limit 500", Read, only.ToString())
            : view.Query(Columns + "order by created_at desc limit 500", Read);
        return [.. found.Select(approval => new StoredApproval(approval, StatementTable.List(view, approval.CallId)))];
    }

    /// <summary>The call that a repeated request joins: same principal, tool and arguments, result not yet handed over.</summary>
    internal static string? FindRetry(IReadView view, string retryKey) => view.First(
        "select call_id from gateway_approval where retry_key = $1 and reported_at is null order by created_at desc limit 1", row => row.GetString(0), retryKey);

    /// <summary>The result was handed over; the next equal request is a new call.</summary>
    internal static void Report(IUnitOfWork unit, string callId, DateTimeOffset now) =>
        unit.Post("update gateway_approval set reported_at = $2 where call_id = $1 and reported_at is null", callId, now);

    internal static List<string> DecidedButWaiting(IReadView view) => view.Query(
        "select a.call_id from gateway_approval a join gateway_call c on c.call_id = a.call_id where c.ended_at is null and a.state in ('Approved', 'Refused')", row => row.GetString(0));

    private static Approval Of(CallSpec spec) => new()
    {
        CallId = spec.CallId,
        State = ApprovalState.Pending,
        Principal = spec.Principal.Name,
        OnBehalfOf = spec.OnBehalfOf,
        RunId = spec.Run?.RunId,
        Agent = spec.Principal.Agent,
        Namespace = spec.Namespace,
        Server = spec.Tool?.Server,
        Tool = spec.Tool?.Name,
        Effect = spec.Tool?.Effect,
        Arguments = spec.Tool?.Arguments,
        ArgumentsDigest = spec.ArgumentsDigest,
        Rule = spec.Decision.Rule,
        Policy = spec.Decision.Policy,
        Demands = [.. spec.Decision.Demands.Select(Shown)],
        CreatedAt = spec.CreatedAt,
        ExpiresAt = spec.Decision.ExpiresAt ?? throw new InvalidOperationException($"call {spec.CallId} needs an approval but has no deadline"),
    };

    private static ApprovalDemand Shown(Castellan.Policy.ApprovalDemand demand) => new()
    {
        Kind = demand.Kind.ToString(),
        Rule = demand.Rule,
        Policy = demand.Policy,
        Users = demand.Users,
        Groups = demand.Groups,
        When = demand.When,
        Quorum = demand.Quorum,
    };

    private static Approval Read(SqlRow row) => Json.Read<Approval>(row.GetString(0)) with
    {
        State = Enum.Parse<ApprovalState>(row.GetString(1)),
        DecidedBy = row.GetStringOrNull(2),
        DecidedAt = row.GetTimeOrNull(3),
    };
}

/// <summary>Somebody, or the deadline, decided on this approval before.</summary>
internal sealed class ApprovalDecidedException(string callId) : Exception($"the approval of call {callId} is decided");

/// <summary>Somebody said something on this call since the statements were added up.</summary>
internal sealed class StatementsChangedException(string callId) : Exception($"the statements on call {callId} have changed");

/// <summary>A stored approval.</summary>
internal sealed record StoredApproval
{
    internal StoredApproval(Approval approval, IReadOnlyList<StoredStatement> statements) => (Approval, Statements) =
        (approval with { Votes = [.. statements.Select(s => new ApprovalVote(s.Signer, s.Verdict.ToString(), s.AcceptedAt))] }, statements);

    /// <summary>As the API shows it.</summary>
    internal Approval Approval { get; }

    /// <summary>The signed statements that were accepted.</summary>
    internal IReadOnlyList<StoredStatement> Statements { get; }
}
