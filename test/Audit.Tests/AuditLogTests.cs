using System.Text.Json.Nodes;
using Castellan.Digests;
using Castellan.Storage;

namespace Castellan.Audit.Tests;

public class AuditLogTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("audit").FullName;
    private Store _store = null!;
    private AuditLog _log = null!;

    public async Task InitializeAsync()
    {
        _store = await Store.OpenAsync(new StoreOptions { Location = await LocateAsync(), Migrations = [AuditLog.Schema] }, default);
        _log = new AuditLog(_store, TimeProvider.System);
    }

    protected virtual Task<StoreLocation> LocateAsync() => Task.FromResult(StoreLocation.Sqlite(Path.Combine(_folder, "a.db")));

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Append_WhenRecordsFollow_ChainsThem()
    {
        var records = await AppendAsync(3);
        Assert.Equal([1L, 2L, 3L], records.Select(r => r.Sequence));
        Assert.Equal([LogHead.Empty.Hash, records[0].Hash, records[1].Hash], records.Select(r => r.PreviousHash));
        Assert.Equal(new LogVerification(true, 3, new LogHead(3, records[2].Hash)), await _log.VerifyAsync(null, default));
    }

    [Fact]
    public async Task Append_WhenUnitFails_LeavesNoGap()
    {
        await AppendAsync(1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.WriteAsync(unit =>
        {
            _log.Append(unit, Record("lost"));
            throw new InvalidOperationException("the unit fails");
        }, default));
        await AppendAsync(1);
        Assert.Equal(2, (await _log.VerifyAsync(null, default)).Records);
    }

    [Fact]
    public async Task Append_WhenManyWriteAtOnce_KeepsOneChain()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => _log.AppendAsync(Record($"c{i}"), default)));
        Assert.Equal((true, 200L), await VerifiedAsync());
    }

    [Fact]
    public async Task Verify_WhenLogIsEmpty_IsOk() => Assert.Equal(new LogVerification(true, 0, LogHead.Empty), await _log.VerifyAsync(null, default));

    [Theory]
    [InlineData("update audit_record set body = replace(body, 'get_pods', 'list_pods') where sequence = 3", 3, "edited")]
    [InlineData("update audit_record set hash = previous_hash where sequence = 3", 3, "edited")]
    [InlineData("delete from audit_record where sequence = 3", 3, "missing")]
    [InlineData("delete from audit_record where sequence in (3, 4)", 3, "missing")]
    [InlineData("delete from audit_record where sequence = 1", 1, "missing")]
    [InlineData("update audit_record set sequence = 100 where sequence = 3; update audit_record set sequence = 3 where sequence = 4; update audit_record set sequence = 4 where sequence = 100", 3, "another")]
    [InlineData("update audit_record set body = (select body from audit_record where sequence = 2) where sequence = 3", 3, "another")]
    [InlineData("update audit_record set body = 'not json' where sequence = 5", 5, "another")]
    [InlineData("update audit_record set decision = 'Allow' where sequence = 2", 2, "filed under")]
    [InlineData("update audit_record set time = time - 1 where sequence = 2", 2, "filed under")]
    public async Task AuditTamper_WhenARecordIsEditedDeletedOrReordered_NamesTheFirstBadOne(string sql, long first, string word)
    {
        await AppendAsync(5);
        await _store.WriteAsync(unit =>
        {
            foreach (var statement in sql.Split(';', StringSplitOptions.TrimEntries))
            {
                unit.Execute(statement);
            }
        }, default);
        var found = await _log.VerifyAsync(null, default);
        Assert.Equal((false, (long?)first), (found.Ok, found.FirstBadSequence));
        Assert.Contains(word, found.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenTheTailIsTruncated_ARememberedHeadShowsIt()
    {
        await AppendAsync(5);
        var head = await _log.HeadAsync(default);
        await _store.WriteAsync(unit => unit.Execute("delete from audit_record where sequence >= 4"), default);
        Assert.True((await _log.VerifyAsync(null, default)).Ok);
        var found = await _log.VerifyAsync(head, default);
        Assert.Equal((false, (long?)4), (found.Ok, found.FirstBadSequence));
    }

    [Fact]
    public async Task AuditTamper_WhenTheTailIsRewritten_ARememberedHeadShowsIt()
    {
        await AppendAsync(5);
        var head = await _log.HeadAsync(default);
        await _store.WriteAsync(unit => unit.Execute("delete from audit_record where sequence >= 4"), default);
        await AppendAsync(4);
        Assert.True((await _log.VerifyAsync(null, default)).Ok);
        Assert.Equal((long?)5, (await _log.VerifyAsync(head, default)).FirstBadSequence);
    }

    [Fact]
    public async Task List_WhenFiltered_ReturnsMatchesInOrder()
    {
        await AppendAsync(5);
        Assert.Equal([2L, 3L], await FoundAsync(new LogFilter { After = 1, Limit = 2 }));
        Assert.Equal([4L, 5L], await FoundAsync(new LogFilter { Limit = 2, Newest = true }));
        Assert.Equal([3L], await FoundAsync(new LogFilter { CallId = "call-3" }));
        Assert.Equal([4L, 5L], await FoundAsync(new LogFilter { RunId = "run", Limit = 2, Newest = true }));
        Assert.Equal(4, (await _log.GetAsync(4, default))!.Sequence);
        Assert.Null(await _log.GetAsync(6, default));
    }

    [Fact]
    public async Task List_WhenFilteredByWhatARecordSays_FindsTheRecord()
    {
        await AppendAsync(3);
        var time = (await _log.GetAsync(3, default))!.Time;
        await _log.AppendAsync(
            new AuditRecord
            {
                Stage = AuditStage.Decided,
                Kind = AuditKind.Model,
                Who = new AuditWho { Principal = "spiffe://castellan.local/ns/ops/sa/agent-triage", OnBehalfOf = "alice", Agent = "triage", AgentNamespace = "ops" },
                What = new AuditWhat { Namespace = "models", Name = "gpt" },
                Why = new AuditWhy { Decision = "Deny" },
                Outcome = new AuditOutcome { Status = "Denied" },
            }, default);
        LogFilter[] fitting =
        [
            new() { Agent = "triage" }, new() { Namespace = "ops" }, new() { User = "alice" }, new() { Tool = "gpt" }, new() { Decision = "Deny" }, new() { Outcome = "Denied" },
            new() { Kind = "model" }, new() { Since = time.AddTicks(1) }, new() { Agent = "triage", User = "alice", Decision = "Deny", Stage = "decided", Newest = true },
        ];
        foreach (var filter in fitting)
        {
            Assert.Equal([4L], await FoundAsync(filter));
        }

        Assert.Equal([1L, 2L, 3L], await FoundAsync(new LogFilter { Server = "cluster", User = "you" }));
        Assert.Equal([1L, 2L, 3L], await FoundAsync(new LogFilter { Until = time.AddTicks(1) }));
        Assert.Empty(await FoundAsync(new LogFilter { Agent = "triage", User = "you" }));
        Assert.Empty(await FoundAsync(new LogFilter { Since = time.AddDays(1) }));
        Assert.Equal(4, (await _log.ListAsync(new LogFilter { Agent = "nobody" }, default)).Next);
        Assert.Equal(2, (await _log.ListAsync(new LogFilter { Limit = 2 }, default)).Next);
    }

    [Fact]
    public async Task Append_WhenRecordHasFields_WritesCanonicalCamelCase()
    {
        await _log.AppendAsync(Record("call-1") with { What = new AuditWhat { Server = "cluster", Name = "get", ArgumentsPreview = new JsonObject { ["z"] = 1, ["a"] = 2 } } }, default);
        var stored = (await _log.GetAsync(1, default))!;
        var body = JsonNode.Parse(stored.Body)!;
        Assert.Equal(("decided", "tool", 1, 1L), ((string)body["stage"]!, (string)body["kind"]!, (int)body["schemaVersion"]!, (long)body["sequence"]!));
        Assert.Equal(CanonicalJson.Write(body), stored.Body);
        Assert.DoesNotContain("null", stored.Body, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<long>> FoundAsync(LogFilter filter) => (await _log.ListAsync(filter, default)).Records.Select(r => r.Sequence);

    private async Task<(bool, long)> VerifiedAsync()
    {
        var found = await _log.VerifyAsync(null, default);
        return (found.Ok, found.Records);
    }

    private async Task<List<StoredRecord>> AppendAsync(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await _log.AppendAsync(Record($"call-{i}"), default);
        }

        return [.. (await _log.ListAsync(new LogFilter { Limit = count, Newest = true }, default)).Records];
    }

    protected static AuditRecord Record(string call) => new()
    {
        Stage = AuditStage.Decided,
        Kind = AuditKind.Tool,
        CallId = call,
        Who = new AuditWho { Principal = "you" },
        What = new AuditWhat { Server = "cluster", Name = "get_pods" },
        Where = new AuditWhere { RunId = "run" },
    };
}
