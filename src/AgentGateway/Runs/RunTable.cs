using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Storage;
using Castellan.GatewayApi;
using Castellan.Storage;
using Microsoft.Extensions.AI;

namespace Castellan.AgentGateway.Runs;

/// <summary>Sessions, runs and the messages between them as rows.</summary>
internal static class RunTable
{
    private const string Columns =
        "select run_id, session_id, namespace, agent, hub, user_name, user_groups, state, message, answer, error, created_at, completed_at, turns, input, login_expires_at from gateway_run ";

    internal static void InsertSession(IUnitOfWork unit, string sessionId, string ns, string agent, string user, DateTimeOffset time) => unit.Post(
        "insert into gateway_session(session_id, namespace, agent, user_name, created_at) values($1, $2, $3, $4, $5)", sessionId, ns, agent, user, time);

    /// <summary>A session of this user with this agent; nobody else's is found.</summary>
    internal static string? FindSession(IReadView view, string sessionId, string ns, string agent, string user) => view.First(
        "select session_id from gateway_session where session_id = $1 and namespace = $2 and agent = $3 and user_name = $4", row => row.GetString(0), sessionId, ns, agent, user);

    internal static string? LatestSession(IReadView view, string ns, string agent, string user) => view.First(
        "select session_id from gateway_session where user_name = $1 and namespace = $2 and agent = $3 order by created_at desc limit 1", row => row.GetString(0), user, ns, agent);

    internal static List<ChatMessage> History(IReadView view, string sessionId) => view.Query(
        "select body from gateway_message where session_id = $1 order by sequence", row => Json.Read<ChatMessage>(row.GetString(0)), sessionId);

    internal static void AddMessage(IUnitOfWork unit, string sessionId, string runId, ChatMessage message)
    {
        var last = unit.First("select sequence from gateway_message where session_id = $1 order by sequence desc limit 1", row => row.GetInt64(0), sessionId);
        unit.Post("insert into gateway_message(session_id, sequence, run_id, body) values($1, $2, $3, $4)", sessionId, last + 1, runId, Json.Write(message));
    }

    internal static void Insert(IUnitOfWork unit, RunInput input, string hub, Principal user, DateTimeOffset time) => unit.Post(
        """
        insert into gateway_run(run_id, session_id, namespace, agent, hub, user_name, user_groups, state, message, created_at, input, login_expires_at)
        values($1, $2, $3, $4, $5, $6, $7, 'Running', $8, $9, $10, $11)
        """,
        input.RunId, input.SessionId, input.Namespace, input.Agent, hub, input.OnBehalfOf, Json.Write(user.Groups), input.Message, time, Json.Write(input), user.LoginExpiresAt);

    internal static RunRow? Find(IReadView view, string runId) => view.First(Columns + "where run_id = $1", Read, runId);

    internal static List<RunRow> Newest(IReadView view, int limit) => view.Query(Columns + "order by created_at desc limit $1", Read, limit);

    internal static List<RunRow> Open(IReadView view) => view.Query(Columns + "where state = 'Running' order by created_at", Read);

    internal static bool IsOpen(IReadView view, string runId) => view.First("select 1 from gateway_run where run_id = $1 and state = 'Running'", row => row.GetInt32(0), runId) == 1;

    internal static void CountTurn(IUnitOfWork unit, string runId) => unit.Post("update gateway_run set turns = turns + 1 where run_id = $1", runId);

    /// <summary>Ends a run, once.</summary>
    internal static bool End(IUnitOfWork unit, string runId, RunState state, string? answer, string? error, DateTimeOffset time) => unit.Execute(
        "update gateway_run set state = $2, answer = $3, error = $4, completed_at = $5 where run_id = $1 and state = 'Running'",
        runId, state.ToString(), answer, error, time) == 1;

    private static RunRow Read(SqlRow row) => new(
        new Run
        {
            RunId = row.GetString(0),
            SessionId = row.GetString(1),
            Namespace = row.GetString(2),
            Agent = row.GetString(3),
            User = row.GetString(5),
            State = Enum.Parse<RunState>(row.GetString(7)),
            Message = row.GetString(8),
            Answer = row.GetStringOrNull(9),
            Error = row.GetStringOrNull(10),
            CreatedAt = row.GetTime(11),
            CompletedAt = row.GetTimeOrNull(12),
            Turns = row.GetInt32(13),
        },
        row.GetString(4),
        Json.Read<IReadOnlyList<string>>(row.GetString(6)),
        Json.Read<RunInput>(row.GetString(14)))
    {
        LoginExpiresAt = row.GetTimeOrNull(15),
    };
}

/// <summary>A stored run.</summary>
/// <param name="Run">The run as the API shows it.</param>
/// <param name="Hub">The hub in which its orchestration lives: the agent's SPIFFE ID.</param>
/// <param name="Groups">Groups of the user when the run was started.</param>
/// <param name="Input">What the run was started with.</param>
internal sealed record RunRow(Run Run, string Hub, IReadOnlyList<string> Groups, RunInput Input)
{
    /// <summary>When the login ends with which the user started the run; null when it has no end.</summary>
    internal DateTimeOffset? LoginExpiresAt { get; init; }
}
