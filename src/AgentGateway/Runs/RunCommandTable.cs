using System.Text.Json;
using Castellan.AgentGateway.Storage;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>What the gateway wants of agents' sidecars: open runs shall be there, events shall be raised, runs shall end.</summary>
internal static class RunCommandTable
{
    /// <summary>Writes down a wish; the same wish twice is one.</summary>
    internal static void Add(IUnitOfWork unit, string hub, RunCommand command, DateTimeOffset time) => unit.Execute(
        "insert into gateway_run_command(command_id, hub, run_id, kind, event, payload, created_at) values($1, $2, $3, $4, $5, $6, $7) on conflict(command_id) do nothing",
        command.Id, hub, command.RunId, command.Kind.ToString(), command.EventName, command.Payload?.GetRawText(), time);

    /// <summary>Removes what is done; only its own hub can.</summary>
    internal static void Remove(IUnitOfWork unit, string hub, string commandId) =>
        unit.Execute("delete from gateway_run_command where command_id = $1 and hub = $2", commandId, hub);

    /// <summary>A run that has ended waits for no event.</summary>
    internal static void ForgetEvents(IUnitOfWork unit, string runId) =>
        unit.Execute("delete from gateway_run_command where run_id = $1 and kind = 'Raise'", runId);

    /// <summary>An agent that does not come back for so long has nothing left to end: its runs end by themselves at their limit.</summary>
    internal static void ForgetBefore(IUnitOfWork unit, string hub, DateTimeOffset time) =>
        unit.Execute("delete from gateway_run_command where hub = $1 and kind = 'Terminate' and created_at < $2", hub, time);

    /// <summary>All that is wanted of a hub, runs before what is to happen to them.</summary>
    internal static List<PendingCommand> Pending(IReadView view, string hub) =>
    [
        .. view.Query("select run_id from gateway_run where hub = $1 and state = 'Running' order by created_at", row => new PendingCommand(row.GetString(0), null), hub),
        .. view.Query("select run_id, command_id from gateway_run_command where hub = $1 order by created_at", row => new PendingCommand(row.GetString(0), row.GetString(1)), hub),
    ];

    /// <summary>A wish in full; null when it is none any more.</summary>
    internal static RunCommand? Find(IReadView view, PendingCommand pending) => pending.CommandId is not { } id
        ? view.First("select input from gateway_run where run_id = $1 and state = 'Running'", row => RunCommands.Start(Json.Read<RunInput>(row.GetString(0))), pending.RunId)
        : view.First(
            "select run_id, kind, event, payload from gateway_run_command where command_id = $1",
            row => new RunCommand
            {
                Id = id,
                RunId = row.GetString(0),
                Kind = Enum.Parse<RunCommandKind>(row.GetString(1)),
                EventName = row.GetStringOrNull(2),
                Payload = row.GetStringOrNull(3) is { } payload ? JsonElement.Parse(payload) : null,
            },
            id);
}

/// <summary>What is wanted, by its identity.</summary>
/// <param name="RunId">The run.</param>
/// <param name="CommandId">The row; null for the run itself, which shall be started.</param>
internal sealed record PendingCommand(string RunId, string? CommandId);
