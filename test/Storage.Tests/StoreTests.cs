namespace Castellan.Storage.Tests;

public sealed class StoreTests : IDisposable
{
    private static readonly MigrationSet Items = new("item", ["create table item(id integer primary key, name text not null unique, body blob, size real)"]);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Task<Store> OpenAsync(long? maxBytes = null, int maxUnits = 512) => Store.OpenAsync(new StoreOptions
    {
        Path = _folder.File("store.db"), Migrations = [Items], MaxBytes = maxBytes, MaxUnitsPerCommit = maxUnits,
    }, CancellationToken.None);

    private static Task<long> AddAsync(Store store, string name) =>
        store.WriteAsync(unit => unit.Insert("insert into item(name) values($1)", name), CancellationToken.None);

    private static Task<List<string>> NamesAsync(Store store) =>
        store.ReadAsync(view => view.Query("select name from item order by id", row => row.GetString(0)), CancellationToken.None);

    [Fact]
    public async Task Write_WhenCommitted_SurvivesReopening()
    {
        await using (var store = await OpenAsync())
        {
            Assert.Equal(1, await AddAsync(store, "lamp"));
        }

        await using var again = await OpenAsync();
        Assert.Equal(["lamp"], await NamesAsync(again));
    }

    [Fact]
    public async Task Values_WhenWrittenAndRead_KeepTypeAndValue()
    {
        await using var store = await OpenAsync();
        var time = new DateTimeOffset(2026, 11, 21, 1, 2, 3, TimeSpan.Zero).AddTicks(7);
        byte[] bytes = [0, 1, 255];
        await store.WriteAsync(unit => unit.Execute("insert into item(size, body, name, id) values($4, $3, $2, $1)", time, "née \u0001", bytes, 2.5), CancellationToken.None);
        await store.WriteAsync(unit => unit.Execute("insert into item(id, name, body) values($1, $2, $3)", long.MaxValue, "", Array.Empty<byte>()), CancellationToken.None);
        var rows = await store.ReadAsync(view => view.Query("select id, name, body, size from item order by id", row =>
            (row.GetInt64(0) == long.MaxValue ? default : row.GetTime(0), row.GetString(1), row.GetBytesOrNull(2), row.IsNull(3) ? (double?)null : row.GetDouble(3))), CancellationToken.None);
        Assert.Equal((time, "née \u0001", (double?)2.5), (rows[0].Item1, rows[0].Item2, rows[0].Item4));
        Assert.Equal(bytes, rows[0].Item3);
        Assert.Equal(("", (double?)null), (rows[1].Item2, rows[1].Item4));
        Assert.Equal([], rows[1].Item3!);
    }

    [Fact]
    public async Task Write_WhenOneUnitOfABatchThrows_OnlyThatUnitIsRolledBack()
    {
        await using var store = await OpenAsync();
        using var gate = new ManualResetEventSlim();
        var first = store.WriteAsync(unit => { gate.Wait(); unit.Insert("insert into item(name) values('a')"); }, CancellationToken.None);
        var second = store.WriteAsync<int>(unit =>
        {
            unit.Insert("insert into item(name) values('b')");
            throw new InvalidOperationException("no");
        }, CancellationToken.None);
        var third = AddAsync(store, "c");
        gate.Set();
        await first;
        await Assert.ThrowsAsync<InvalidOperationException>(() => second);
        await third;
        Assert.Equal(["a", "c"], await NamesAsync(store));
        Assert.Equal(new StoreStatistics(2, 1), store.Statistics);
    }

    [Fact]
    public async Task Write_WhenAConstraintRefuses_TheUnitMayGoOn()
    {
        await using var store = await OpenAsync();
        await AddAsync(store, "lamp");
        var outcome = await store.WriteAsync(unit =>
        {
            Assert.Throws<StoreConflictException>(() => unit.Insert("insert into item(name) values('lamp')"));
            unit.Insert("insert into item(name) values('desk')");
            return unit.First("select count(*) from item", row => row.GetInt32(0));
        }, CancellationToken.None);
        Assert.Equal(2, outcome);
        Assert.Equal(["lamp", "desk"], await NamesAsync(store));
    }

    [Fact]
    public async Task Write_WhenManyWait_TheyShareCommits()
    {
        await using var store = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => AddAsync(store, "n" + i)));
        Assert.Equal(2000, store.Statistics.Units);
        Assert.InRange(store.Statistics.Commits, 1, 500);
        Assert.Equal(2000, (await NamesAsync(store)).Distinct().Count());
    }

    [Fact]
    public async Task Write_WhenWithdrawnWhileQueued_DoesNotRun()
    {
        await using var store = await OpenAsync();
        using var gate = new ManualResetEventSlim();
        using var source = new CancellationTokenSource();
        var blocker = store.WriteAsync(_ => gate.Wait(), CancellationToken.None);
        var withdrawn = store.WriteAsync(unit => unit.Insert("insert into item(name) values('x')"), source.Token);
        await source.CancelAsync();
        gate.Set();
        await blocker;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
        Assert.Empty(await NamesAsync(store));
    }

    [Fact]
    public async Task Write_WhenTheStoreIsFull_FailsTypedAndTheStoreStaysUsable()
    {
        await using var store = await OpenAsync(maxBytes: 128 * 1024);
        await AddAsync(store, "kept");
        var big = new byte[1 << 20];
        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            store.WriteAsync(unit => unit.Insert("insert into item(name, body) values('big', $1)", big), CancellationToken.None));
        Assert.Contains("free disk space", error.Message);
        await AddAsync(store, "after");
        Assert.Equal(["kept", "after"], await NamesAsync(store));
    }

    [Fact]
    public async Task Read_WhenAWriteCommitsMeanwhile_KeepsItsSnapshot()
    {
        await using var store = await OpenAsync();
        await AddAsync(store, "lamp");
        using var counted = new ManualResetEventSlim();
        using var written = new ManualResetEventSlim();
        var reading = Task.Run(() => store.ReadAsync(view =>
        {
            var before = view.First("select count(*) from item", row => row.GetInt32(0));
            counted.Set();
            written.Wait();
            return (before, view.First("select count(*) from item", row => row.GetInt32(0)));
        }, CancellationToken.None));
        counted.Wait();
        await AddAsync(store, "desk");
        written.Set();
        Assert.Equal((1, 1), await reading);
    }

    [Fact]
    public async Task Read_WhenItWrites_IsRefused()
    {
        await using var store = await OpenAsync();
        await Assert.ThrowsAsync<StoreException>(() => store.ReadAsync(view => ((IUnitOfWork)view).Execute("delete from item"), CancellationToken.None));
    }

    [Fact]
    public async Task Statement_WhenParametersDoNotFit_SaysSo()
    {
        await using var store = await OpenAsync();
        var count = await Assert.ThrowsAsync<StoreException>(() => store.ReadAsync(view => view.First("select $1", row => row.GetInt32(0)), CancellationToken.None));
        Assert.Contains("takes 1 parameters but got 0", count.Message);
        var gap = await Assert.ThrowsAsync<StoreException>(() => store.ReadAsync(view => view.First("select $2", row => row.GetInt32(0), 1), CancellationToken.None));
        Assert.Contains("none named $1", gap.Message);
    }

    [Fact]
    public async Task Dispose_WhenUnitsAreQueued_FinishesThemAndRefusesLaterOnes()
    {
        var store = await OpenAsync();
        var writes = Enumerable.Range(0, 100).Select(i => AddAsync(store, "n" + i)).ToList();
        await store.DisposeAsync();
        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AddAsync(store, "late"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => NamesAsync(store));
        await using var again = await OpenAsync();
        Assert.Equal(100, (await NamesAsync(again)).Count);
    }
}
