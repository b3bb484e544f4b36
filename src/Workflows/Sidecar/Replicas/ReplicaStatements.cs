namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>The statements of replicas (PostgreSQL). Hubs come as one text, joined by the character 1.</summary>
internal static class ReplicaStatements
{
    public const string Join = "insert into workflow_replica(alive_until) values(clock_timestamp() + make_interval(secs => $1)) returning key";

    /// <summary>A replica whose lease ended does not get it back: others may have taken its instances.</summary>
    public const string Beat = "update workflow_replica set alive_until = clock_timestamp() + make_interval(secs => $2) where key = $1 and alive_until > clock_timestamp()";

    public const string Dead = "select key from workflow_replica where alive_until < clock_timestamp() and key <> $1 limit 10";

    /// <summary>Frees a thousand instances of a replica; those with work are announced. Rows that its last transaction still holds are left for the next time.</summary>
    public const string Free =
        """
        with freed as (
          update workflow_instance set owner = null
          where key in (select key from workflow_instance where owner = $1 order by key limit 1000 for update skip locked) returning key),
        rung as (
          insert into workflow_doorbell(instance)
          select key from freed where exists(select 1 from workflow_inbox where instance = key) or exists(select 1 from workflow_activity where instance = key)
          on conflict(instance) do update set rung = workflow_doorbell.rung + 1)
        select count(*) from freed
        """;

    public const string Forget =
        """
        with gone as (
          delete from workflow_replica where key = $1 and not exists(select 1 from workflow_instance where owner = $1) returning key),
        mail as (delete from workflow_mail where replica in (select key from gone))
        select count(*) from gone
        """;

    /// <summary>What a replica left behind that lost its lease while it wrote.</summary>
    public const string FreeLost =
        """
        with freed as (
          update workflow_instance set owner = null where key in (
            select key from workflow_instance i where owner is not null and not exists(select 1 from workflow_replica r where r.key = i.owner) limit 1000 for update skip locked))
        insert into workflow_doorbell(instance)
        select key from workflow_instance i where owner is null and completed is null
          and (exists(select 1 from workflow_inbox where instance = i.key) or exists(select 1 from workflow_activity where instance = i.key))
          and not exists(select 1 from workflow_doorbell d where d.instance = i.key) limit 1000
        on conflict(instance) do nothing
        """;

    /// <summary>Bells of instances that ended or were purged before anybody answered.</summary>
    public const string RemoveBells =
        """
        delete from workflow_doorbell where instance in (
          select d.instance from workflow_doorbell d left join workflow_instance i on i.key = d.instance
          where i.key is null or i.completed is not null order by d.instance limit 1000 for update of d skip locked)
        """;

    public const string Fence = "select workflow_fence($1, $2)";

    public const string Own = "update workflow_instance set owner = $2 where key = $1 and exists(select 1 from workflow_replica where key = $2)";

    public const string Take = "update workflow_instance set owner = $2 where key = $1 and owner is null and exists(select 1 from workflow_replica where key = $2)";

    public const string Release = "update workflow_instance set owner = null where key = $1 and owner = $2";

    public const string Disown = "update workflow_instance set owner = null where key = $1";

    public const string OwnerOf = "select owner from workflow_instance where key = $1";

    public const string OwnerOfId = "select owner from workflow_instance where hub = $1 and id = $2 and owner is not null";

    /// <summary>The update of a bell that rings already locks it, so that its answerer sees this unit's event or is rung again.</summary>
    public const string Ring =
        """
        with rung as (
          insert into workflow_doorbell(instance) select key from workflow_instance where key = $1 and owner is distinct from $2
          on conflict(instance) do update set rung = workflow_doorbell.rung + 1 returning instance)
        select pg_notify($3, coalesce('r' || i.owner::text, 'f')) from rung join workflow_instance i on i.key = rung.instance
        """;

    public const string AnswerMine =
        """
        with mine as (
          delete from workflow_doorbell where instance in (
            select d.instance from workflow_doorbell d join workflow_instance i on i.key = d.instance where i.owner = $1 order by d.instance limit 500 for update of d skip locked)
          returning instance)
        select i.hub, i.id from mine join workflow_instance i on i.key = mine.instance
        """;

    /// <summary>Takes some of the free instances with work of these hubs.</summary>
    public const string AnswerFree =
        """
        with free as (
          select i.key from workflow_doorbell d join workflow_instance i on i.key = d.instance
          where i.owner is null and i.hub = any(string_to_array($2, chr(1))) order by i.key limit $3 for update of d, i skip locked),
        answered as (delete from workflow_doorbell where instance in (select key from free)),
        taken as (
          update workflow_instance i set owner = $1 from free where i.key = free.key and i.completed is null
            and exists(select 1 from workflow_replica where key = $1) returning i.key, i.hub, i.id)
        select key, hub, id from taken
        """;

    /// <summary>Timers that are due of instances that nobody holds.</summary>
    public const string DueFree =
        """
        select i.key, i.hub, t.task, t.fire_at from workflow_timer t join workflow_instance i on i.key = t.instance
        where t.fire_at <= $1 and i.owner is null order by t.fire_at limit 200 for update of t, i skip locked
        """;

    /// <summary>Instances of this replica that have work, in hubs without a worker here.</summary>
    public const string WithWork =
        """
        select hub, id from workflow_instance i where owner = $1 and hub = any(string_to_array($2, chr(1)))
          and (exists(select 1 from workflow_inbox where instance = i.key) or exists(select 1 from workflow_activity where instance = i.key)) limit 500
        """;

    public const string Send = "insert into workflow_mail(replica, hub, kind, data) select key, $2, $3, $4 from workflow_replica where key = $1";

    public const string Receive = "delete from workflow_mail where seq in (select seq from workflow_mail where replica = $1 order by seq limit 200) returning hub, kind, data";

    public const string ActivitiesOf = "select execution, a.data from workflow_activity a join workflow_instance i on i.key = a.instance where a.instance = $1";

    public const string TimersOf = "select i.id, i.execution, t.task, t.fire_at from workflow_timer t join workflow_instance i on i.key = t.instance where t.instance = $1";
}
