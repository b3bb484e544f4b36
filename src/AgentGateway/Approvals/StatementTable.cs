using Castellan.Policy;
using Castellan.Storage;

namespace Castellan.AgentGateway.Approvals;

/// <summary>Accepted statements as rows: the last word of each signer on a call.</summary>
internal static class StatementTable
{
    internal static void Put(IUnitOfWork unit, string callId, StoredStatement statement) => unit.Post(
        """
        insert into gateway_statement(call_id, signer, verdict, statement, accepted_at) values($1, $2, $3, $4, $5)
        on conflict(call_id, signer) do update set verdict = excluded.verdict, statement = excluded.statement, accepted_at = excluded.accepted_at
        """,
        callId, statement.Signer, statement.Verdict.ToString(), statement.Statement, statement.AcceptedAt);

    internal static List<StoredStatement> List(IReadView view, string callId) => view.Query(
        "select signer, verdict, statement, accepted_at from gateway_statement where call_id = $1 order by accepted_at, signer",
        row => new StoredStatement(row.GetString(0), Enum.Parse<ApprovalVerdict>(row.GetString(1)), row.GetString(2), row.GetTime(3)), callId);
}

/// <summary>A statement that was accepted.</summary>
/// <param name="Signer">Who signed it.</param>
/// <param name="Verdict">What it says.</param>
/// <param name="Statement">The compact JWS.</param>
/// <param name="AcceptedAt">When it was handed in.</param>
internal sealed record StoredStatement(string Signer, ApprovalVerdict Verdict, string Statement, DateTimeOffset AcceptedAt);
