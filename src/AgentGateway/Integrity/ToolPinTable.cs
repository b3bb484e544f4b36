using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Storage;
using Castellan.KubeApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Integrity;

/// <summary>Pins and deviations as rows.</summary>
internal static class ToolPinTable
{
    private const string Pins = "select namespace, server, tool, digest, pinned_at, pinned_by from tool_pin ";
    private const string WholePins = "select namespace, server, tool, digest, pinned_at, pinned_by, definition from tool_pin ";
    private const string Deviations = "select namespace, server, tool, state, digest, reason, detected_at from tool_pin_deviation ";
    private const string WholeDeviations = "select namespace, server, tool, state, digest, reason, detected_at, definition from tool_pin_deviation ";

    /// <summary>What is stored of a server, for a unit that settles its tools; from then on the server is past its first sight.</summary>
    internal static StoredTools Enter(IUnitOfWork unit, NamespacedName server, DateTimeOffset now)
    {
        var isFirst = unit.Execute("insert into tool_pin_server(namespace, server, first_seen_at) values($1, $2, $3) on conflict(namespace, server) do nothing", server.Namespace, server.Name, now) == 1;
        return Read(unit, server, isKnown: !isFirst);
    }

    internal static StoredTools Read(IReadView view, NamespacedName server) =>
        Read(view, server, view.Query("select 1 from tool_pin_server where namespace = $1 and server = $2", static _ => true, server.Namespace, server.Name).Count > 0);

    /// <summary>All of a namespace, or of all; with definitions or without.</summary>
    internal static (List<ToolPin> Pins, List<ToolDeviation> Deviations) List(IReadView view, string? ns, bool withDefinitions)
    {
        var (pins, deviations) = withDefinitions ? (WholePins, WholeDeviations) : (Pins, Deviations);
        Func<SqlRow, ToolPin> pin = withDefinitions ? WholePinOf : PinOf;
        Func<SqlRow, ToolDeviation> deviation = withDefinitions ? WholeDeviationOf : DeviationOf;
        return ns is null
            ? (view.Query(pins + "order by namespace, server, tool", pin), view.Query(deviations + "order by namespace, server, tool", deviation))
            : (view.Query(pins + "where namespace = $1 order by server, tool", pin, ns), view.Query(deviations + "where namespace = $1 order by server, tool", deviation, ns));
    }

    /// <summary>One deviation with its definition.</summary>
    internal static ToolDeviation? Find(IReadView view, NamespacedName server, string tool) =>
        view.First(WholeDeviations + "where namespace = $1 and server = $2 and tool = $3", WholeDeviationOf, server.Namespace, server.Name, tool);

    internal static void Put(IUnitOfWork unit, ToolPin pin) => unit.Post(
        """
        insert into tool_pin(namespace, server, tool, digest, definition, pinned_at, pinned_by) values($1, $2, $3, $4, $5, $6, $7)
        on conflict(namespace, server, tool) do update set digest = excluded.digest, definition = excluded.definition, pinned_at = excluded.pinned_at, pinned_by = excluded.pinned_by
        """,
        pin.Server.Namespace, pin.Server.Name, pin.Tool, pin.Digest, Json.Write(pin.Definition), pin.PinnedAt, pin.PinnedBy);

    internal static void Put(IUnitOfWork unit, ToolDeviation deviation) => unit.Post(
        """
        insert into tool_pin_deviation(namespace, server, tool, state, digest, definition, reason, detected_at) values($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict(namespace, server, tool) do update set state = excluded.state, digest = excluded.digest, definition = excluded.definition, reason = excluded.reason, detected_at = excluded.detected_at
        """,
        deviation.Server.Namespace, deviation.Server.Name, deviation.Tool, deviation.State.ToString(), deviation.Digest,
        deviation.Definition is null ? null : Json.Write(deviation.Definition), deviation.Reason, deviation.DetectedAt);

    internal static void RemovePin(IUnitOfWork unit, NamespacedName server, string tool) =>
        unit.Post("delete from tool_pin where namespace = $1 and server = $2 and tool = $3", server.Namespace, server.Name, tool);

    internal static void RemoveDeviation(IUnitOfWork unit, NamespacedName server, string tool) =>
        unit.Post("delete from tool_pin_deviation where namespace = $1 and server = $2 and tool = $3", server.Namespace, server.Name, tool);

    private static StoredTools Read(IReadView view, NamespacedName server, bool isKnown) => new(
        isKnown,
        view.Query(Pins + "where namespace = $1 and server = $2", PinOf, server.Namespace, server.Name).ToDictionary(p => p.Tool, StringComparer.Ordinal),
        view.Query(Deviations + "where namespace = $1 and server = $2", DeviationOf, server.Namespace, server.Name).ToDictionary(d => d.Tool, StringComparer.Ordinal));

    private static ToolPin PinOf(SqlRow row) => new(new NamespacedName(row.GetString(0), row.GetString(1)), row.GetString(2), row.GetString(3), row.GetTime(4), row.GetString(5));

    private static ToolPin WholePinOf(SqlRow row) => PinOf(row) with { Definition = Json.Read<JsonObject>(row.GetString(6)) };

    private static ToolDeviation WholeDeviationOf(SqlRow row) => DeviationOf(row) with { Definition = row.GetStringOrNull(7) is { } text ? Json.Read<JsonObject>(text) : null };

    private static ToolDeviation DeviationOf(SqlRow row) =>
        new(new NamespacedName(row.GetString(0), row.GetString(1)), row.GetString(2), Enum.Parse<ToolState>(row.GetString(3)), row.GetString(4), row.GetString(5), row.GetTime(6));
}
