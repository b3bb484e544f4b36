namespace Castellan.Storage.Postgres;

/// <summary>
/// Brings each component's schema forward in one transaction. Every process that uses the database holds a shared advisory lock; a schema
/// that exists moves only when the mover has that lock for itself, so that no older program writes into what it does not know.
/// </summary>
internal static class PostgresMigrations
{
    // "castella" and a number: any constant that other programs are unlikely to use.
    private const long UseLock = 0x63617374656C6C61;
    private const long SchemaLock = UseLock + 1;
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(90);
    private const string Versions = "select component, version from schema_version";

    /// <summary>Opens a session that counts as a user of the schema for as long as it lives.</summary>
    public static PostgresSession OpenUser(PostgresAddress address, StoreOptions options)
    {
        var session = PostgresSession.Open(address);
        try
        {
            session.First("select pg_advisory_lock_shared($1)", row => row.IsNull(0), UseLock);
            CheckNotNewer(session, options);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public static void Apply(PostgresAddress address, StoreOptions options)
    {
        using var session = PostgresSession.Open(address);
        session.Post("begin");
        session.First("select pg_advisory_xact_lock($1)", row => row.IsNull(0), SchemaLock); // one mover at a time; the others find the work done
        session.Execute("create table if not exists schema_version(component text primary key, version integer not null, applied bigint not null)");
        session.Execute("create table if not exists store_writer(id text primary key, last bigint not null, seen bigint not null)");
        session.Execute("delete from store_writer where seen < $1", options.Clock.GetUtcNow() - LongestSilence); // of processes that are gone
        var present = session.Query(Versions, row => (Name: row.GetString(0), Version: row.GetInt32(1)))
            .ToDictionary(entry => entry.Name, entry => entry.Version, StringComparer.Ordinal);
        foreach (var set in options.Migrations)
        {
            set.RefuseNewer(present.GetValueOrDefault(set.Name), address.ToString());
        }

        var outdated = options.Migrations.Where(set => present.TryGetValue(set.Name, out var version) && version < set.Scripts.Count).ToList();
        if (outdated.Count > 0)
        {
            RefuseWithoutConsent(session, options, outdated[0], present[outdated[0].Name]);
        }

        foreach (var set in options.Migrations)
        {
            for (var version = present.GetValueOrDefault(set.Name); version < set.Scripts.Count; version++)
            {
                ApplyOne(session, set, version, options.Clock.GetUtcNow());
            }
        }

        session.Post("commit");
        session.Flush();
    }

    private static void RefuseWithoutConsent(PostgresSession session, StoreOptions options, MigrationSet set, int version)
    {
        var step = $"the database '{session.Address.Database}' on {session.Address.Server} holds '{set.Name}' in schema version {version}, and this program needs {set.Scripts.Count}";
        if (options.SchemaChange != SchemaChange.OperatorHasBackup)
        {
            throw new StoreException($"{step}; stop the processes that use it, write a backup (pg_dump --format=custom --file=castellan.dump {session.Address.Database}), and start again with the schema change allowed");
        }

        if (!session.First("select pg_try_advisory_xact_lock($1)::int::bigint", row => row.GetBoolean(0), UseLock))
        {
            throw new StoreInUseException($"{step}, but other processes use it; stop all of them (also older replicas), then start again");
        }
    }

    private static void ApplyOne(PostgresSession session, MigrationSet set, int version, DateTimeOffset now)
    {
        try
        {
            session.Run(set.Scripts[version].Postgres);
            session.Execute("insert into schema_version(component, version, applied) values($1, $2, $3) "
                + "on conflict(component) do update set version = excluded.version, applied = excluded.applied", set.Name, version + 1, now);
        }
        catch (StoreException e) when (e is not StoreUnavailableException)
        {
            throw new StoreException($"migration {version + 1} of '{set.Name}' failed in {session.Address} and was rolled back: {e.Message}", e);
        }
    }

    private static void CheckNotNewer(PostgresSession session, StoreOptions options)
    {
        var present = session.Query(Versions, row => (Name: row.GetString(0), Version: row.GetInt32(1)));
        foreach (var set in options.Migrations)
        {
            set.RefuseNewer(present.Find(entry => entry.Name == set.Name).Version, session.Address.ToString());
        }
    }
}
