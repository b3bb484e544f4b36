using Castellan.AgentGateway.Storage;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Calls;

/// <summary>Calls as rows: what was asked, how far it is, what came of it. A row stays as tombstone, so that a retry never becomes a second call.</summary>
internal static class CallTable
{
    /// <summary>Inserts a new call.</summary>
    /// <exception cref="StoreConflictException">There is a call of this id.</exception>
    internal static void Insert(IUnitOfWork unit, CallSpec spec, CallState state) => unit.Post(
        "insert into gateway_call(call_id, run_id, arguments_digest, spec, state, created_at, session_id, tool, effect) values($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        spec.CallId, spec.Run?.RunId, spec.ArgumentsDigest, Json.Write(spec), state.ToString(), spec.CreatedAt,
        spec.Run?.SessionId, spec.Tool is { } tool ? $"{tool.Server}__{tool.Name}" : null, spec.Tool?.Effect.ToString());

    /// <summary>Marks a waiting call as under way.</summary>
    internal static void Proceed(IUnitOfWork unit, string callId) =>
        unit.Post("update gateway_call set state = 'Running' where call_id = $1 and ended_at is null", callId);

    /// <summary>Writes the result, once.</summary>
    /// <returns>False if the call had ended before; its result stands.</returns>
    internal static bool End(IUnitOfWork unit, CallResult result, DateTimeOffset time) => unit.Execute(
        "update gateway_call set state = $2, result = $3, ended_at = $4 where call_id = $1 and ended_at is null",
        result.CallId, result.State.ToString(), Json.Write(result), time) == 1;

    /// <summary>Calls that have not ended.</summary>
    internal static List<CallSpec> Open(IReadView view) =>
        view.Query("select spec from gateway_call where ended_at is null order by created_at", row => Json.Read<CallSpec>(row.GetString(0)));

    internal static CallRow? Find(IReadView view, string callId) => view.First(
        "select spec, state, result from gateway_call where call_id = $1",
        row => new CallRow(Json.Read<CallSpec>(row.GetString(0)), Enum.Parse<CallState>(row.GetString(1)), row.GetStringOrNull(2) is { } result ? Json.Read<CallResult>(result) : null),
        callId);
}

/// <summary>A stored call.</summary>
/// <param name="Spec">What was asked.</param>
/// <param name="State">How far it is.</param>
/// <param name="Result">What came of it; null until it ended.</param>
internal sealed record CallRow(CallSpec Spec, CallState State, CallResult? Result);
