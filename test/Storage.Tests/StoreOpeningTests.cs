using Castellan.Storage.Sqlite;

namespace Castellan.Storage.Tests;

public sealed class StoreOpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Task<Store> OpenAsync(params MigrationSet[] sets) =>
        Store.OpenAsync(new StoreOptions { Location = StoreLocation.Sqlite(_folder.File("deep/store.db")), Migrations = sets }, CancellationToken.None);

    private string[] Files(string pattern) => Directory.GetFiles(_folder.File("deep"), pattern);

    [Fact]
    public async Task Open_WhenFolderIsMissing_CreatesItForThisUserOnly()
    {
        await using var store = await OpenAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.File("deep")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(store.Location.Path));
    }

    [Fact]
    public async Task Open_WhenAnotherHoldsIt_NamesTheHolder()
    {
        await using var store = await OpenAsync();
        var error = await Assert.ThrowsAsync<StoreInUseException>(() => OpenAsync());
        Assert.Contains($"in use by process {Environment.ProcessId}", error.Message);
    }

    [Fact]
    public async Task Open_WhenTheFileIsNotADatabase_NamesFileAndRemedyAndLeavesIt()
    {
        Directory.CreateDirectory(_folder.File("deep"));
        await File.WriteAllTextAsync(_folder.File("deep/store.db"), new string('x', 8192));
        var error = await Assert.ThrowsAsync<StoreCorruptedException>(() => OpenAsync());
        Assert.Contains("store.db' is damaged", error.Message);
        Assert.Contains("backup", error.Message);
        Assert.Equal(new string('x', 8192), await File.ReadAllTextAsync(_folder.File("deep/store.db")));
    }

    [Fact]
    public async Task Open_WhenAPageIsOverwritten_FailsItsIntegrityCheck()
    {
        await using (var store = await OpenAsync(new MigrationSet("item", ["create table item(id integer primary key, name text)"])))
        {
            await store.WriteAsync(unit =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    unit.Insert("insert into item(name) values($1)", new string('n', 100));
                }
            }, CancellationToken.None);
        }

        using (var file = File.OpenWrite(_folder.File("deep/store.db")))
        {
            file.Seek(8 * 4096, SeekOrigin.Begin);
            file.Write(new byte[4 * 4096]);
        }

        await Assert.ThrowsAsync<StoreCorruptedException>(() => OpenAsync());
        Assert.True(File.Exists(_folder.File("deep/store.db")));
    }

    [Fact]
    public async Task Open_WhenASchemaMovesForward_BacksUpFirst()
    {
        const string First = "create table item(id integer primary key, name text); insert into item(name) values('old')";
        await (await OpenAsync(new MigrationSet("item", [First]))).DisposeAsync();
        Assert.Empty(Files("*.backup"));
        await using (var store = await OpenAsync(new MigrationSet("item", [First, "alter table item add column size integer not null default 7"])))
        {
            Assert.Equal(7, await store.ReadAsync(view => view.First("select size from item", row => row.GetInt32(0)), CancellationToken.None));
        }

        var backup = Assert.Single(Files("*.backup"));
        await using var copy = await Store.OpenAsync(new StoreOptions { Location = StoreLocation.Sqlite(backup) }, CancellationToken.None);
        Assert.Equal("old", await copy.ReadAsync(view => view.First("select name from item", row => row.GetString(0)), CancellationToken.None));
    }

    [Fact]
    public async Task Open_WhenAMigrationFails_LeavesTheOldVersion()
    {
        var first = new MigrationSet("item", ["create table item(id integer primary key)"]);
        await (await OpenAsync(first)).DisposeAsync();
        var broken = new MigrationSet("item", [first.Scripts[0], "create table item_two(id integer); create table item(id integer)"]);
        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(broken));
        Assert.Contains("migration 2 of 'item' failed", error.Message);
        await using var store = await OpenAsync(first);
        Assert.Equal(0, await store.ReadAsync(view => view.First("select count(*) from sqlite_master where name = 'item_two'", row => row.GetInt32(0)), CancellationToken.None));
    }

    [Fact]
    public async Task Open_WhenTheStoreIsNewerThanTheProgram_Refuses()
    {
        await (await OpenAsync(new MigrationSet("item", ["create table item(id integer)", "create table item_b(id integer)"]))).DisposeAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => OpenAsync(new MigrationSet("item", ["create table item(id integer)"])));
        Assert.Contains("schema version 2, but this program knows 1", error.Message);
    }

    [Fact]
    public async Task Backup_WhenTheStoreIsInUse_IsConsistent()
    {
        await using var store = await OpenAsync(new MigrationSet("item", ["create table item(id integer primary key)"]));
        await store.WriteAsync(unit => unit.Insert("insert into item default values"), CancellationToken.None);
        await store.BackupAsync(_folder.File("copy.db"), CancellationToken.None);
        await Assert.ThrowsAsync<StoreException>(() => store.BackupAsync(_folder.File("copy.db"), CancellationToken.None));
        await using var copy = await Store.OpenAsync(new StoreOptions { Location = StoreLocation.Sqlite(_folder.File("copy.db")) }, CancellationToken.None);
        Assert.Equal(1, await copy.ReadAsync(view => view.First("select count(*) from item", row => row.GetInt32(0)), CancellationToken.None));
    }

    [Fact]
    public void Library_WhenMissing_SaysHowToGetIt()
    {
        var error = Assert.Throws<SqliteLibraryException>(() => SqliteLibrary.Find("/nowhere/libsqlite3.so"));
        Assert.Contains("'/nowhere/libsqlite3.so'", error.Message);
        Assert.Contains("apt-get install libsqlite3-0", error.Message);
        Assert.Contains("CASTELLAN_SQLITE", error.Message);
    }
}
