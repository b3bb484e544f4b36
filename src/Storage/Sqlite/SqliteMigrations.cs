using System.Globalization;

namespace Castellan.Storage.Sqlite;

/// <summary>Brings each component's schema forward, one transaction per script, after a backup when there is something to lose.</summary>
internal static class SqliteMigrations
{
    public static void Apply(SqliteConnection connection, StoreOptions options)
    {
        connection.Run("create table if not exists schema_version(component text primary key, version integer not null, applied integer not null) without rowid");
        var present = connection.Query("select component, version from schema_version", row => (Name: row.GetString(0), Version: row.GetInt32(1)))
            .ToDictionary(entry => entry.Name, entry => entry.Version, StringComparer.Ordinal);
        foreach (var set in options.Migrations)
        {
            var version = present.GetValueOrDefault(set.Name);
            set.RefuseNewer(version, connection.Path);
        }

        if (options.Migrations.Any(set => present.TryGetValue(set.Name, out var version) && version < set.Scripts.Count))
        {
            var stamp = options.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
            Backup(connection, $"{connection.Path}.{stamp}.backup");
        }

        foreach (var set in options.Migrations)
        {
            for (var version = present.GetValueOrDefault(set.Name); version < set.Scripts.Count; version++)
            {
                ApplyOne(connection, set, version, options.Clock.GetUtcNow());
            }
        }
    }

    private static void ApplyOne(SqliteConnection connection, MigrationSet set, int version, DateTimeOffset now)
    {
        connection.Run("begin immediate");
        try
        {
            connection.Run(set.Scripts[version].Sqlite);
            connection.Execute("insert into schema_version(component, version, applied) values($1, $2, $3) "
                + "on conflict(component) do update set version = excluded.version, applied = excluded.applied", set.Name, version + 1, now);
            connection.Run("commit");
        }
        catch (StoreException e)
        {
            if (connection.InTransaction)
            {
                connection.Run("rollback");
            }

            throw new StoreException($"migration {version + 1} of '{set.Name}' failed in '{connection.Path}' and was rolled back: {e.Message}", e);
        }
    }

    public static void Backup(SqliteConnection connection, string path)
    {
        if (File.Exists(path))
        {
            throw new StoreException($"the backup '{path}' exists already; choose another name");
        }

        var partial = path + ".partial"; // so that a backup with its final name is always complete
        using (new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
        }

        connection.Execute("vacuum into $1", partial);
        using (var copy = File.OpenHandle(partial, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(copy);
        }

        File.Move(partial, path);
    }
}
