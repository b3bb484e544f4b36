using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Tracing;
using Castellan.Audit;
using Castellan.Digests;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.Storage;
using Microsoft.Extensions.AI;

namespace Castellan.AgentGateway.Runs;

/// <summary>Writes what happens to a run: its row, its session's messages, its audit records and its events, in one unit of work each.</summary>
internal sealed class RunLedger(Store store, AuditLog log, TimeProvider clock)
{
    /// <summary>The session that a request names, with its earlier messages.</summary>
    /// <exception cref="GatewayException">404: the user has no such session with this agent.</exception>
    internal async Task<(string SessionId, bool IsNew, IReadOnlyList<ChatMessage> History)> SessionAsync(string user, NamespacedName agent, string? wanted, CancellationToken ct)
    {
        if (wanted is null or "" or "new")
        {
            return (CallIds.New(), true, []);
        }

        return await store.ReadAsync<(string, bool, IReadOnlyList<ChatMessage>)>(view =>
        {
            var found = wanted == "latest"
                ? RunTable.LatestSession(view, agent.Namespace, agent.Name, user)
                : RunTable.FindSession(view, wanted, agent.Namespace, agent.Name, user);
            return found is { } session ? (session, false, RunTable.History(view, session))
                : wanted == "latest" ? (CallIds.New(), true, [])
                : throw Refusals.NotFound($"{user} has no session '{wanted}' with agent {agent}", "use 'new' or 'latest'");
        }, ct);
    }

    internal void Accept(IUnitOfWork unit, RunInput input, string hub, Principal user, bool newSession)
    {
        var now = clock.GetUtcNow();
        if (newSession)
        {
            RunTable.InsertSession(unit, input.SessionId, input.Namespace, input.Agent, input.OnBehalfOf, now);
        }

        RunTable.Insert(unit, input, hub, user, now);
        RunTable.AddMessage(unit, input.SessionId, input.RunId, new ChatMessage(ChatRole.User, input.Message));
        log.Append(unit, Record(input, AuditStage.Received, user.Groups, null));
        RunEventTable.Append(unit, input.RunId, new RunEvent { Type = RunEventType.RunStarted, Summary = $"{input.OnBehalfOf} asked {input.Namespace}/{input.Agent}", Text = input.Message }, now);
    }

    /// <summary>Ends a run, once.</summary>
    internal async Task EndAsync(RunRow row, HubEnd end, CancellationToken ct)
    {
        if (await store.WriteAsync(unit => End(unit, row, end), ct))
        {
            RunSpans.End(row, end);
        }
    }

    private bool End(IUnitOfWork unit, RunRow row, HubEnd end)
    {
        LedgerLock.Enter(unit, store.Shared);
        var now = clock.GetUtcNow();
        var (state, answer, error) = end;
        if (!RunTable.End(unit, row.Run.RunId, state, answer, error, now))
        {
            return false;
        }

        RunCommandTable.ForgetEvents(unit, row.Run.RunId);
        if (answer is not null)
        {
            RunTable.AddMessage(unit, row.Run.SessionId, row.Run.RunId, new ChatMessage(ChatRole.Assistant, answer));
        }

        var took = (now - row.Run.CreatedAt).TotalMilliseconds;
        log.Append(unit, Record(row.Input, AuditStage.Completed, row.Groups, new AuditOutcome { Status = state.ToString(), Error = error, DurationMs = Math.Round(took, 3) }) with
        {
            What = What(row.Input) with { ResultDigest = answer is null ? null : CanonicalJson.DigestOf(answer), ResultLength = answer?.Length },
        });
        RunEventTable.Append(unit, row.Run.RunId, new RunEvent { Type = RunEventType.RunCompleted, State = state.ToString(), Text = answer, Error = error, DurationMs = took }, now);
        return true;
    }

    private static AuditRecord Record(RunInput input, AuditStage stage, IReadOnlyList<string> groups, AuditOutcome? outcome) => new()
    {
        Stage = stage,
        Kind = AuditKind.Run,
        Who = new AuditWho
        {
            Principal = input.OnBehalfOf,
            Groups = groups.Count > 0 ? groups : null,
            OnBehalfOf = input.OnBehalfOf,
            Agent = input.Agent,
            AgentNamespace = input.Namespace,
            AgentRevision = input.Revision,
        },
        What = What(input),
        Where = new AuditWhere { RunId = input.RunId, SessionId = input.SessionId, Component = "gateway" },
        Outcome = outcome,
    };

    private static AuditWhat What(RunInput input) => new()
    {
        Namespace = input.Namespace,
        Name = input.Agent,
        Method = "run",
        ArgumentsDigest = CanonicalJson.DigestOf(input.Message),
    };
}
