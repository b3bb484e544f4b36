using Castellan.Testing;

namespace Castellan.Storage.Tests;

public sealed class PostgresStoreTests : StoreTests
{
    public override Task DisposeAsync() => Task.CompletedTask;

    protected override async Task<StoreLocation> LocateAsync() => StoreLocation.Postgres(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());

    [Fact]
    public async Task Open_WhenTwoProcessesShareIt_EachSeesWhatTheOtherCommits()
    {
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AddAsync(i % 2 == 0 ? one : two, "n" + i)));
        Assert.Equal(200, (await NamesAsync(one)).Distinct().Count());
        await Assert.ThrowsAsync<StoreConflictException>(() => AddAsync(two, "n0"));
    }

    [Fact]
    public async Task Notify_WhenTheUnitCommits_ReachesListenersAndOtherwiseNobody()
    {
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        var received = System.Threading.Channels.Channel.CreateUnbounded<string>();
        await using var listening = two.Shared!.Listen("news", message => received.Writer.TryWrite(message));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Equal("", await received.Reader.ReadAsync(limit.Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => one.WriteAsync<int>(unit =>
        {
            one.Shared!.Notify(unit, "news", "undone");
            throw new InvalidOperationException();
        }, CancellationToken.None));
        await one.WriteAsync(unit => one.Shared!.Notify(unit, "news", "it's \"done\"; $1"), CancellationToken.None);
        Assert.Equal("it's \"done\"; $1", await received.Reader.ReadAsync(limit.Token));
        Assert.Throws<ArgumentException>(() => two.Shared!.Listen("a; drop table x", _ => { }));
    }

    [Fact]
    public async Task Backup_WhenAsked_SaysWhoWritesIt()
    {
        await using var store = await OpenAsync();
        var error = await Assert.ThrowsAsync<StoreException>(() => store.BackupAsync("/tmp/x", CancellationToken.None));
        Assert.Contains("pg_dump", error.Message);
        Assert.DoesNotContain(PostgresServer.Password, error.Message);
    }
}
