using Castellan.Storage;

namespace Castellan.AgentGateway.Integrity;

/// <summary>
/// The tables of pinned definitions. They belong to the name of a tool server, by which agents and policies know it: deleting a ToolServer and
/// creating it again is no way around an approval.
/// </summary>
internal static class ToolPinSchema
{
    internal static MigrationSet Migrations { get; } = new("tool_pin",
    [
        new("""
        create table tool_pin_server(
          namespace text not null, server text not null, first_seen_at integer not null, primary key(namespace, server)) without rowid;
        create table tool_pin(
          namespace text not null, server text not null, tool text not null, digest text not null, definition text not null,
          pinned_at integer not null, pinned_by text not null, primary key(namespace, server, tool)) without rowid;
        create table tool_pin_deviation(
          namespace text not null, server text not null, tool text not null, state text not null, digest text not null, definition text,
          reason text not null, detected_at integer not null, primary key(namespace, server, tool)) without rowid;
        """,
        """
        create table tool_pin_server(
          namespace text not null, server text not null, first_seen_at bigint not null, primary key(namespace, server));
        create table tool_pin(
          namespace text not null, server text not null, tool text not null, digest text not null, definition text not null,
          pinned_at bigint not null, pinned_by text not null, primary key(namespace, server, tool));
        create table tool_pin_deviation(
          namespace text not null, server text not null, tool text not null, state text not null, digest text not null, definition text,
          reason text not null, detected_at bigint not null, primary key(namespace, server, tool));
        """),
    ]);
}
