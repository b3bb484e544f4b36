using Castellan.Storage;

namespace Castellan.Audit;

/// <summary>
/// The log's tables. <c>audit_record</c> holds the log: what is asked for by filters stands in columns beside the text, which verification compares
/// with it. <c>audit_pending</c> holds records that are durable and have no number yet (see <see cref="RecordSequence"/>).
/// </summary>
internal static class AuditSchema
{
    private const string FillFacetsOnSqlite =
        """
        update audit_record set
          stage = coalesce(json_extract(body, '$.stage'), ''), kind = coalesce(json_extract(body, '$.kind'), ''),
          namespace = coalesce(json_extract(body, '$.who.agentNamespace'), json_extract(body, '$.what.namespace')), agent = json_extract(body, '$.who.agent'),
          person = coalesce(json_extract(body, '$.who.onBehalfOf'), case when json_extract(body, '$.who.principal') not like 'spiffe://%' then json_extract(body, '$.who.principal') end),
          server = json_extract(body, '$.what.server'), name = json_extract(body, '$.what.name'),
          decision = json_extract(body, '$.why.decision'), status = json_extract(body, '$.outcome.status');
        """;

    private const string FillFacetsOnPostgres =
        """
        update audit_record set
          stage = coalesce(body::jsonb ->> 'stage', ''), kind = coalesce(body::jsonb ->> 'kind', ''),
          namespace = coalesce(body::jsonb #>> '{who,agentNamespace}', body::jsonb #>> '{what,namespace}'), agent = body::jsonb #>> '{who,agent}',
          person = coalesce(body::jsonb #>> '{who,onBehalfOf}', case when body::jsonb #>> '{who,principal}' not like 'spiffe://%' then body::jsonb #>> '{who,principal}' end),
          server = body::jsonb #>> '{what,server}', name = body::jsonb #>> '{what,name}',
          decision = body::jsonb #>> '{why,decision}', status = body::jsonb #>> '{outcome,status}';
        """;

    private const string AddFacets =
        """
        alter table audit_record add column stage text not null default '';
        alter table audit_record add column kind text not null default '';
        alter table audit_record add column namespace text;
        alter table audit_record add column agent text;
        alter table audit_record add column person text;
        alter table audit_record add column server text;
        alter table audit_record add column name text;
        alter table audit_record add column decision text;
        alter table audit_record add column status text;
        """;

    private const string IndexFacets =
        """
        create index audit_record_time on audit_record(time, sequence);
        create index audit_record_agent on audit_record(agent, sequence) where agent is not null;
        create index audit_record_person on audit_record(person, sequence) where person is not null;
        create index audit_record_denied on audit_record(sequence) where decision = 'Deny';
        """;

    internal static MigrationSet Migrations { get; } = new("audit",
    [
        new("""
        create table audit_record(
          sequence integer primary key, time integer not null, call_id text, run_id text,
          previous_hash text not null, hash text not null, body text not null);
        create index audit_record_call on audit_record(call_id, sequence) where call_id is not null;
        create index audit_record_run on audit_record(run_id, sequence) where run_id is not null;
        create table audit_claim(
          call_id text primary key, arguments_digest text not null, attempt integer not null, claimed_at integer not null, ended_at integer);
        create index audit_claim_open on audit_claim(claimed_at) where ended_at is null;
        """,
        """
        create table audit_record(
          sequence bigint primary key, time bigint not null, call_id text, run_id text,
          previous_hash text not null, hash text not null, body text not null);
        create index audit_record_call on audit_record(call_id, sequence) where call_id is not null;
        create index audit_record_run on audit_record(run_id, sequence) where run_id is not null;
        create table audit_claim(
          call_id text primary key, arguments_digest text not null, attempt integer not null, claimed_at bigint not null, ended_at bigint);
        create index audit_claim_open on audit_claim(claimed_at) where ended_at is null;
        """),
        new("""
        create table audit_tile(level integer not null, place integer not null, hashes blob not null, primary key(level, place)) without rowid;
        create table audit_checkpoint(id integer primary key, size integer not null, time integer not null, note text not null);
        """,
        """
        create table audit_tile(level integer not null, place bigint not null, hashes bytea not null, primary key(level, place));
        create table audit_checkpoint(id integer primary key, size bigint not null, time bigint not null, note text not null);
        """),
        new($"""
        {AddFacets}
        {FillFacetsOnSqlite}
        {IndexFacets}
        create table audit_pending(key integer primary key autoincrement, time integer not null, body text not null);
        """,
        $"""
        {AddFacets}
        {FillFacetsOnPostgres}
        {IndexFacets}
        create table audit_pending(key bigint generated always as identity primary key, time bigint not null, body text not null);
        """),
        new("create table audit_pruned(id integer primary key, through integer not null, note text not null)",
            "create table audit_pruned(id integer primary key, through bigint not null, note text not null)"),
    ]);
}
