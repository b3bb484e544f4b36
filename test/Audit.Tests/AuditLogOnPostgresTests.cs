using System.Text.Json.Nodes;
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

    [Fact]
    public async Task Append_WhenSeveralProcessesWriteOneCall_KeepsItsOrder()
    {
        var options = new StoreOptions { Location = _location, Migrations = [AuditLog.Schema] };
        await using var one = await Store.OpenAsync(options, default);
        await using var two = await Store.OpenAsync(options, default);
        AuditLog[] logs = [new(one, TimeProvider.System), new(two, TimeProvider.System)];
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            foreach (var stage in new[] { AuditStage.Decided, AuditStage.Intent, AuditStage.Completed })
            {
                await logs[(i + (int)stage) % 2].AppendAsync(Record($"c{i}") with { Stage = stage }, default);
                await logs[i % 2].TrySettleAsync(default);
            }
        }));
        for (var i = 0; i < 40; i++)
        {
            var stages = (await logs[i % 2].ListAsync(new LogFilter { CallId = $"c{i}" }, default)).Records.Select(r => JsonNode.Parse(r.Body)!["stage"]!.GetValue<string>());
            Assert.Equal(["decided", "intent", "completed"], stages);
        }

        Assert.Equal((true, 120L, 0L), await VerifiedAsync(logs[0]));
    }

    [Fact]
    public async Task Append_WhenNothingNumbersTheRecord_IsDurableAndNumberedByTheNextProcess()
    {
        var options = new StoreOptions { Location = _location, Migrations = [AuditLog.Schema] };
        await using (var mortal = await Store.OpenAsync(options, default))
        {
            await new AuditLog(mortal, TimeProvider.System).AppendAsync(Record("c1"), default);
        }

        await using var next = await Store.OpenAsync(options, default);
        Assert.Equal(1, await next.ReadAsync(view => view.First("select count(*) from audit_pending", row => row.GetInt64(0)), default));
        Assert.Equal((true, 1L, 0L), await VerifiedAsync(new AuditLog(next, TimeProvider.System)));
    }

    [Fact]
    public async Task Verify_WhenRecordsWaitForMinutes_SaysSo()
    {
        await using var store = await Store.OpenAsync(new StoreOptions { Location = _location, Migrations = [AuditLog.Schema] }, default);
        var log = new AuditLog(store, TimeProvider.System);
        await log.AppendAsync(Record("c1"), default);
        await log.SettleAsync(default);
        await store.WriteAsync(unit => unit.Execute("insert into audit_pending(time, body) values($1, 'no record')", TimeProvider.System.GetUtcNow().AddMinutes(-2)), default);

        await Assert.ThrowsAsync<InvalidDataException>(() => log.SettleAsync(default));
        Assert.Single((await log.ListAsync(new LogFilter(), default)).Records);
        var found = await log.VerifyAsync(null, default);
        Assert.Equal((false, 1L), (found.Ok, found.Waiting));
        Assert.Contains("wait for their number", found.Problem, StringComparison.Ordinal);
    }

    private static async Task<(bool, long, long)> VerifiedAsync(AuditLog log)
    {
        var found = await log.VerifyAsync(null, default);
        return (found.Ok, found.Records, found.Waiting);
    }
}
