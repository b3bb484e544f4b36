using Castellan.Storage;
using Castellan.Testing;

namespace Castellan.Audit.Tests;

/// <summary>The same tests with the log on PostgreSQL, and what only several processes can do.</summary>
public sealed class AuditLogOnPostgresTests : AuditLogTests
{
    private StoreLocation _location = null!;

    protected override async Task<StoreLocation> LocateAsync() => _location = StoreLocation.Postgres(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());

    [Fact]
    public async Task Append_WhenSeveralProcessesWrite_KeepsOneChain()
    {
        var options = new StoreOptions { Location = _location, Migrations = [AuditLog.Schema] };
        await using var one = await Store.OpenAsync(options, default);
        await using var two = await Store.OpenAsync(options, default);
        AuditLog[] logs = [new(one, TimeProvider.System), new(two, TimeProvider.System)];
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => logs[i % 2].AppendAsync(Record("c" + i), default)));
        var verification = await logs[0].VerifyAsync(null, default);
        Assert.Equal((true, 100L), (verification.Ok, verification.Records));
    }
}
