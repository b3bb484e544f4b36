namespace Castellan.Storage.Tests;

public sealed class SqliteStoreTests : StoreTests
{
    private readonly TemporaryFolder _folder = new();

    public override Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    protected override Task<StoreLocation> LocateAsync() => Task.FromResult(StoreLocation.Sqlite(_folder.File("store.db")));

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
}
