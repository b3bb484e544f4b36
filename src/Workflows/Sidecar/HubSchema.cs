using Castellan.Storage;

namespace Castellan.Workflows.Sidecar;

/// <summary>
/// Tables of the embedded sidecar. History is appended under an integer key; one row holds the events of one turn. A payload too large for a row
/// stands once in workflow_payload, and the rows that name it hold a reference (see <see cref="PayloadTable"/>).
/// </summary>
internal static class HubSchema
{
    public static readonly MigrationSet Migrations = new("workflow",
    [
        """
        create table workflow_instance(
          key integer primary key autoincrement,
          hub text not null,
          id text not null,
          execution text not null,
          name text not null,
          version text,
          status integer not null,
          created integer not null,
          updated integer not null,
          started integer,
          completed integer,
          scheduled integer,
          input text,
          output text,
          custom_status text,
          failure blob,
          parent integer,
          parent_info blob,
          unique(hub, id));
        create index workflow_instance_parent on workflow_instance(parent) where parent is not null;
        create table workflow_history(seq integer primary key, instance integer not null, data blob not null);
        create index workflow_history_instance on workflow_history(instance);
        create table workflow_inbox(seq integer primary key autoincrement, instance integer not null, data blob not null);
        create index workflow_inbox_instance on workflow_inbox(instance);
        create table workflow_activity(instance integer not null, task integer not null, data blob not null, primary key(instance, task)) without rowid;
        create table workflow_timer(instance integer not null, task integer not null, fire_at integer not null, primary key(instance, task)) without rowid;
        """,
        """
        alter table workflow_instance add column tags blob;
        create index workflow_instance_completed on workflow_instance(completed) where completed is not null;
        create table workflow_payload(
          key integer primary key autoincrement,
          hub text not null,
          digest blob not null,
          uses integer not null,
          data text not null,
          unique(hub, digest));
        create table workflow_payload_use(instance integer not null, payload integer not null, primary key(instance, payload)) without rowid;
        """,
    ]);
}
