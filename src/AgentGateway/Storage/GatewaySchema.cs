using Castellan.AgentGateway.Audit.Delivery;
using Castellan.AgentGateway.Integrity;
using Castellan.Audit;
using Castellan.Storage;
using Castellan.Storage.Claims;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Storage;

/// <summary>
/// The gateway's own tables. History, claims and audit records live beside them, so that one unit of work can write them all. The claims of calls
/// used to stand in a table of the log's schema; moving them needs the schemas of both to be there.
/// </summary>
internal static class GatewaySchema
{
    /// <summary>All that the gateway's store holds, in the order in which it is brought forward.</summary>
    internal static MigrationSet[] All => [EffectClaims.Schema, AuditLog.Schema, EmbeddedSidecar.Schema, DeliveryTable.Migrations, Migrations, Budgets.BudgetSchema.Migrations, ToolPinSchema.Migrations];

    private static MigrationSet Migrations { get; } = new("gateway",
    [
        new("""
        create table gateway_session(
          session_id text primary key, namespace text not null, agent text not null, user_name text not null, created_at integer not null);
        create index gateway_session_user on gateway_session(user_name, namespace, agent, created_at);
        create table gateway_message(
          session_id text not null, sequence integer not null, run_id text not null, body text not null, primary key(session_id, sequence)) without rowid;
        create table gateway_run(
          run_id text primary key, session_id text not null, namespace text not null, agent text not null, hub text not null, user_name text not null,
          user_groups text not null, state text not null, message text not null, answer text, error text, created_at integer not null,
          completed_at integer, turns integer not null default 0, input text not null);
        create index gateway_run_created on gateway_run(created_at);
        create index gateway_run_open on gateway_run(created_at) where state = 'Running';
        create table gateway_run_event(
          run_id text not null, sequence integer not null, body text not null, primary key(run_id, sequence)) without rowid;
        create table gateway_call(
          call_id text primary key, run_id text, arguments_digest text not null, spec text not null, state text not null, result text,
          created_at integer not null, ended_at integer);
        create index gateway_call_open on gateway_call(created_at) where ended_at is null;
        create table gateway_approval(
          call_id text primary key, state text not null, body text not null, retry_key text, created_at integer not null, expires_at integer not null,
          decided_by text, decided_at integer, statement text, reported_at integer);
        create index gateway_approval_state on gateway_approval(state, created_at);
        create index gateway_approval_retry on gateway_approval(retry_key) where reported_at is null and retry_key is not null;
        """,
        """
        create table gateway_session(
          session_id text primary key, namespace text not null, agent text not null, user_name text not null, created_at bigint not null);
        create index gateway_session_user on gateway_session(user_name, namespace, agent, created_at);
        create table gateway_message(
          session_id text not null, sequence bigint not null, run_id text not null, body text not null, primary key(session_id, sequence));
        create table gateway_run(
          run_id text primary key, session_id text not null, namespace text not null, agent text not null, hub text not null, user_name text not null,
          user_groups text not null, state text not null, message text not null, answer text, error text, created_at bigint not null,
          completed_at bigint, turns bigint not null default 0, input text not null);
        create index gateway_run_created on gateway_run(created_at);
        create index gateway_run_open on gateway_run(created_at) where state = 'Running';
        create table gateway_run_event(
          run_id text not null, sequence bigint not null, body text not null, primary key(run_id, sequence));
        create table gateway_call(
          call_id text primary key, run_id text, arguments_digest text not null, spec text not null, state text not null, result text,
          created_at bigint not null, ended_at bigint);
        create index gateway_call_open on gateway_call(created_at) where ended_at is null;
        create table gateway_approval(
          call_id text primary key, state text not null, body text not null, retry_key text, created_at bigint not null, expires_at bigint not null,
          decided_by text, decided_at bigint, statement text, reported_at bigint);
        create index gateway_approval_state on gateway_approval(state, created_at);
        create index gateway_approval_retry on gateway_approval(retry_key) where reported_at is null and retry_key is not null;
        """),
        """
        insert into effect_claim(key, digest, attempt, claimed_at, ended_at) select call_id, arguments_digest, attempt, claimed_at, ended_at from audit_claim;
        drop table audit_claim;
        """,
        new("""
        create table gateway_statement(
          call_id text not null, signer text not null, verdict text not null, statement text not null, accepted_at integer not null,
          primary key(call_id, signer)) without rowid;
        alter table gateway_approval drop column statement;
        """,
        """
        create table gateway_statement(
          call_id text not null, signer text not null, verdict text not null, statement text not null, accepted_at bigint not null,
          primary key(call_id, signer));
        alter table gateway_approval drop column statement;
        """),
        new("alter table gateway_run add column login_expires_at integer;", "alter table gateway_run add column login_expires_at bigint;"),
        new("""
        create table gateway_run_command(
          command_id text primary key, hub text not null, run_id text not null, kind text not null, event text, payload text, created_at integer not null);
        create index gateway_run_command_hub on gateway_run_command(hub, created_at);
        create index gateway_run_command_run on gateway_run_command(run_id);
        create index gateway_run_open_hub on gateway_run(hub, created_at) where state = 'Running';
        """,
        """
        create table gateway_run_command(
          command_id text primary key, hub text not null, run_id text not null, kind text not null, event text, payload text, created_at bigint not null);
        create index gateway_run_command_hub on gateway_run_command(hub, created_at);
        create index gateway_run_command_run on gateway_run_command(run_id);
        create index gateway_run_open_hub on gateway_run(hub, created_at) where state = 'Running';
        """),
        """
        alter table gateway_call add column session_id text;
        alter table gateway_call add column tool text;
        alter table gateway_call add column effect text;
        create index gateway_call_session on gateway_call(session_id) where session_id is not null;
        """,
    ]);
}
