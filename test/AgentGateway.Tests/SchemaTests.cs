using Castellan.AgentGateway.Storage;
using Castellan.Storage;
using Castellan.Testing;

namespace Castellan.AgentGateway.Tests;

/// <summary>Every component has the same tables on both products.</summary>
public sealed class SchemaTests
{
    [Fact]
    public async Task Schema_OnBothProducts_HasTheSameColumns()
    {
        var folder = Directory.CreateTempSubdirectory("schema-");
        try
        {
            await using var sqlite = await OpenAsync(StoreLocation.Sqlite(Path.Combine(folder.FullName, "s.db")));
            await using var postgres = await OpenAsync(StoreLocation.Postgres(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()));
            var here = await sqlite.ReadAsync(view => view.Query(
                "select m.name || '.' || c.name || case when c.\"notnull\" or c.pk > 0 then ' not null' else '' end from sqlite_master m join pragma_table_info(m.name) c "
                + "where m.type = 'table' and m.name not like 'sqlite%' and m.name <> 'schema_version'", row => row.GetString(0)), default);
            var there = await postgres.ReadAsync(view => view.Query(
                "select table_name || '.' || column_name || case when is_nullable = 'NO' then ' not null' else '' end from information_schema.columns "
                + "where table_schema = 'public' and table_name not in ('schema_version', 'store_writer', 'workflow_replica', 'workflow_doorbell', 'workflow_mail') "
                + "and not (table_name = 'workflow_instance' and column_name = 'owner')", row => row.GetString(0)), default);
            Assert.Equal(here.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<Store> OpenAsync(StoreLocation location) => Store.OpenAsync(new() { Location = location, Migrations = GatewaySchema.All }, CancellationToken.None);
}
