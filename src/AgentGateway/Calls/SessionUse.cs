using Castellan.AgentApi.V1Alpha1;
using Castellan.GatewayApi;
using Castellan.Policy;
using Castellan.Storage;
using CallKind = Castellan.GatewayApi.CallKind;

namespace Castellan.AgentGateway.Calls;

/// <summary>What happened in a session before a call.</summary>
/// <param name="Before">Number of calls of the session, whatever became of them.</param>
/// <param name="Session">What policy sees of them.</param>
internal sealed record SessionUse(long Before, CallSession Session)
{
    /// <summary>Counts the calls of a session.</summary>
    /// <param name="view">Where to look.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="callId">The call that is being decided, and does not count; null if it has no row yet.</param>
    internal static SessionUse Of(IReadView view, string sessionId, string? callId)
    {
        var (before, calls, writes, denied, models) = (0L, 0L, 0L, 0L, 0L);
        var tools = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (tool, effect, state, count) in view.Query(
            "select tool, effect, state, count(*) from gateway_call where session_id = $1 and call_id <> $2 group by tool, effect, state",
            row => (row.GetStringOrNull(0), row.GetStringOrNull(1), Enum.Parse<CallState>(row.GetString(2)), row.GetInt64(3)), sessionId, callId ?? ""))
        {
            before += count;
            if (state is CallState.Denied or CallState.Refused or CallState.Expired)
            {
                denied += count;
            }
            else if (tool is null)
            {
                models += count;
            }
            else
            {
                calls += count;
                writes += effect == nameof(ToolEffect.Read) ? 0 : count;
                tools[tool] = tools.GetValueOrDefault(tool) + count;
            }
        }

        return new(before, new CallSession { Id = sessionId, Calls = calls, Writes = writes, Denied = denied, Models = models, Tools = tools });
    }

    /// <summary>Demands, in the unit of work that accepts a call, that its session is still where it was when policy looked at it. The unit holds <see cref="LedgerLock"/>: of two replicas one looks after the other has written.</summary>
    /// <exception cref="SessionMovedException">Another call came first.</exception>
    internal static void Demand(IUnitOfWork unit, CallSpec spec)
    {
        if (spec.Decision.SessionBefore is not { } before)
        {
            return;
        }

        var session = spec.Run!.SessionId;
        var now = unit.First("select count(*) from gateway_call where session_id = $1 and call_id <> $2", row => row.GetInt64(0), session, spec.CallId);
        if (now != before)
        {
            throw new SessionMovedException(session);
        }
    }
}

/// <summary>Another call of the session was accepted since policy looked at the session: it has to look again.</summary>
internal sealed class SessionMovedException(string sessionId) : Exception($"session {sessionId} moved while a call was decided");
