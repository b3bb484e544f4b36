using Castellan.Testing;
using Npgsql;

namespace Castellan.Storage.Tests;

public sealed class PostgresOpeningTests
{
    private const string First = "create table item(id bigint primary key, name text); insert into item(id, name) values(1, 'old')";
    private const string Second = "alter table item add column size bigint not null default 7";

    private static Task<Store> OpenAsync(string connection, SchemaChange change, params MigrationSet[] sets) =>
        Store.OpenAsync(new StoreOptions { Location = StoreLocation.Postgres(connection), Migrations = sets, SchemaChange = change }, CancellationToken.None);

    private static Task<Store> OpenAsync(string connection, params MigrationSet[] sets) => OpenAsync(connection, SchemaChange.WithBackup, sets);

    private static async Task<(PostgresServer Server, string Connection)> NewAsync()
    {
        var server = await PostgresServer.SharedAsync();
        return (server, await server.CreateDatabaseAsync());
    }

    [Fact]
    public async Task Open_WhenThePasswordIsWrong_SaysSoAndDoesNotShowIt()
    {
        var (server, connection) = await NewAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(connection.Replace(PostgresServer.Password, "wr0ng-Secret", StringComparison.Ordinal)));
        Assert.Contains("refused the user 'castellan'", error.Message);
        Assert.DoesNotContain("wr0ng-Secret", error.ToString());
        Assert.DoesNotContain(PostgresServer.Password, StoreLocation.Postgres(server.Connection("x")).ToString());
    }

    [Fact]
    public async Task Open_WhenTheDatabaseIsMissing_SaysHowToCreateIt()
    {
        var (server, _) = await NewAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(server.Connection("nowhere")));
        Assert.Contains("there is no database 'nowhere'", error.Message);
        Assert.Contains("createdb --owner=castellan nowhere", error.Message);
    }

    [Fact]
    public async Task Open_WhenTheServerIsUnreachable_IsUnavailable()
    {
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync("Host=/nowhere;Database=x;Username=u;Password=hidden-one"));
        Assert.Contains("PostgreSQL server at /nowhere cannot be used now", error.Message);
        Assert.DoesNotContain("hidden-one", error.ToString());
    }

    [Fact]
    public async Task Open_WhenTheUserMayNotCreateTables_NamesTheGrant()
    {
        var (server, connection) = await NewAsync();
        await RunAsync(connection, "create role guest login password 'guest-Secret'");
        var error = await Assert.ThrowsAsync<StoreException>(() =>
            OpenAsync(connection.Replace("Username=castellan", "Username=guest", StringComparison.Ordinal).Replace(PostgresServer.Password, "guest-Secret", StringComparison.Ordinal)));
        Assert.Contains("grant", error.Message);
        Assert.Contains("'guest'", error.Message);
    }

    [Fact]
    public async Task Open_WhenASchemaMustMove_AsksForConsentAndForTheDatabaseAlone()
    {
        var (_, connection) = await NewAsync();
        var old = new MigrationSet("item", [First]);
        var next = new MigrationSet("item", [First, Second]);
        var running = await OpenAsync(connection, old);
        var refused = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(connection, next));
        Assert.Contains("pg_dump", refused.Message);
        var inUse = await Assert.ThrowsAsync<StoreInUseException>(() => OpenAsync(connection, SchemaChange.OperatorHasBackup, next));
        Assert.Contains("other processes use it", inUse.Message);
        await running.DisposeAsync();
        await using (var store = await OpenAsync(connection, SchemaChange.OperatorHasBackup, next))
        {
            Assert.Equal(7, await store.ReadAsync(view => view.First("select size from item", row => row.GetInt32(0)), CancellationToken.None));
        }

        var newer = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(connection, old));
        Assert.Contains("schema version 2, but this program knows 1", newer.Message);
    }

    [Fact]
    public async Task Open_WhenAComponentIsNew_AddsItWithoutConsent()
    {
        var (_, connection) = await NewAsync();
        await using var running = await OpenAsync(connection, new MigrationSet("item", [First]));
        await using var both = await OpenAsync(connection, new MigrationSet("item", [First]), new MigrationSet("other", ["create table other(id bigint)"]));
        Assert.Equal(0, await both.ReadAsync(view => view.First("select count(*) from other", row => row.GetInt32(0)), CancellationToken.None));
    }

    [Fact]
    public async Task Open_WhenAMigrationFails_LeavesTheOldVersion()
    {
        var (_, connection) = await NewAsync();
        var first = new MigrationSet("item", [First]);
        await (await OpenAsync(connection, first)).DisposeAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() =>
            OpenAsync(connection, SchemaChange.OperatorHasBackup, new MigrationSet("item", [First, "create table item_two(id bigint); create table item(id bigint)"])));
        Assert.Contains("migration 2 of 'item' failed", error.Message);
        await using var store = await OpenAsync(connection, first);
        Assert.Equal(0, await store.ReadAsync(view => view.First("select count(*) from pg_tables where tablename = 'item_two'", row => row.GetInt32(0)), CancellationToken.None));
    }

    [Fact]
    public async Task Open_WhenManyOpenAnEmptyDatabaseAtOnce_OneCreatesTheSchema()
    {
        var (_, connection) = await NewAsync();
        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpenAsync(connection, new MigrationSet("item", [First]))));
        Assert.Equal(1, await stores[5].ReadAsync(view => view.First("select count(*) from item", row => row.GetInt32(0)), CancellationToken.None));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    private static async Task RunAsync(string connection, string sql)
    {
        await using var open = new NpgsqlConnection(connection + ";Pooling=false");
        await open.OpenAsync();
        await using var command = new NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync();
    }
}
