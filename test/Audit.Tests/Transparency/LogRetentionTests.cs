using Castellan.Audit.Transparency;
using Castellan.Storage;
using Castellan.Testing;

namespace Castellan.Audit.Tests.Transparency;

/// <summary>Old texts can go; that nothing else went can be proven, and what went otherwise is found.</summary>
public class LogRetentionTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-retention-").FullName;
    private readonly NoteSigner _key = new("castellan.test/audit", NoteSigner.NewKey());
    private readonly ManualTimeProvider _clock = new();
    private Store _store = null!;
    private AuditLog _log = null!;
    private TransparencyLog _tree = null!;
    private LogRetention _retention = null!;

    public async Task InitializeAsync()
    {
        _store = await Store.OpenAsync(new StoreOptions { Location = await LocateAsync(), Migrations = [AuditLog.Schema] }, default);
        _log = new(_store, _clock);
        _tree = new(_store, _log, _key, _clock);
        _retention = new(_store, _log, _tree, _key, _clock);
    }

    protected virtual Task<StoreLocation> LocateAsync() => Task.FromResult(StoreLocation.Sqlite(Path.Combine(_folder, "audit.db")));

    public async Task DisposeAsync()
    {
        _tree.Dispose();
        _key.Dispose();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Prune_WhenRecordsAreOld_RemovesTheirTextsAndKeepsEveryProof()
    {
        var seen = await GrowAsync(100, 412, 188);
        var kept = (await _tree.ProveAsync(5, default))!;

        var dry = await _retention.PlanAsync(_clock.GetUtcNow(), default);
        Assert.Equal(new PrunePlan(512, 512), dry);
        Assert.Equal(dry, await PruneAsync());
        await GrowAsync(20);

        var found = await _tree.VerifyAsync(null, default);
        Assert.True(found.Ok, found.Problem);
        Assert.Equal((209L, 512L), (found.Records, found.PrunedThrough)); // 188, the record of the pruning, 20
        Assert.Equal(513, (await _log.ListAsync(new LogFilter { Limit = 1 }, default)).Records[0].Sequence);
        Assert.Null((await _tree.ProveAsync(513, default))!.ProblemWith(_key.Verifier));
        Assert.Null(kept.ProblemWith(_key.Verifier));
        Assert.Equal(512, (await Assert.ThrowsAsync<RecordPrunedException>(() => _tree.ProveAsync(5, default))).Through);
        foreach (var earlier in seen)
        {
            Assert.Null((await _tree.ProveGrowthAsync(earlier.Size, default))!.ProblemWith(earlier, _key.Verifier));
        }

        Assert.Equal(0, (await PruneAsync()).Records);
    }

    [Fact]
    public async Task Prune_WhenRepeated_MovesOnAndStillVerifies()
    {
        await GrowAsync(600);
        await PruneAsync();
        await GrowAsync(300);
        Assert.Equal(new PrunePlan(768, 256), await PruneAsync());
        var found = await _tree.VerifyAsync(null, default);
        Assert.True(found.Ok, found.Problem);
        Assert.Equal((134L, 768L), (found.Records, found.PrunedThrough));
    }

    [Fact]
    public async Task Prune_WhenEveryRecordIsOld_KeepsTheNewestAndTheNumbersGoOn()
    {
        await GrowAsync(512);
        Assert.Equal(new PrunePlan(256, 256), await PruneAsync());
        Assert.Equal(513, (await _log.HeadAsync(default)).Sequence);
    }

    [Fact]
    public async Task Prune_WhenExported_TheFilesVerifyAndSayHowFar()
    {
        var seen = await GrowAsync(300, 300);
        await PruneAsync();
        var folder = await ExportAsync();
        var found = await new LogArchive(folder).VerifyAsync(_key.Verifier, seen[0], default);
        Assert.Equal((null, 512L), (found.Problem, found.PrunedThrough));
        Assert.False(File.Exists(Path.Combine(folder, TileAddress.EntriesPath(0, 256))));

        await File.WriteAllTextAsync(Path.Combine(folder, "pruned"), new PruneStatement("castellan.test/audit", 512, MerkleHash.EmptyTree, new string('0', 64), _clock.GetUtcNow()).Sign(_key, default).ToString());
        Assert.Contains("do not give the root", (await new LogArchive(folder).VerifyAsync(_key.Verifier, null, default)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenOldRecordsAreDeletedWithoutBeingPruned_IsFound()
    {
        await GrowAsync(600);
        await ExecuteAsync("delete from audit_record where sequence <= 256");
        Assert.Contains("records 1 to 256 are missing", await ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenMoreIsDeletedThanWasPruned_IsFound()
    {
        await GrowAsync(900);
        var mark = (await _log.GetAsync(400, default))!.Time;
        Assert.Equal(256, (await _retention.PruneAsync(mark, new AuditWho { Principal = "ops" }, "test", default)).Through);
        await ExecuteAsync("delete from audit_record where sequence <= 512");
        Assert.Contains("records 257 to 512 are missing", await ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenAPruningIsForged_IsFound()
    {
        await GrowAsync(600);
        var head = (await _log.GetAsync(256, default))!.Hash;
        using var thief = new NoteSigner("castellan.test/audit", NoteSigner.NewKey());
        await ForgeAsync(new PruneStatement("castellan.test/audit", 256, MerkleHash.EmptyTree, head, _clock.GetUtcNow()).Sign(thief, default));
        Assert.Contains("not signed by the key", await ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenTheRecordOfAPruningIsMissing_IsFound()
    {
        await GrowAsync(600);
        var (head, root) = ((await _log.GetAsync(256, default))!.Hash, await _store.ReadAsync(view => MerkleTree.Root(TransparencyLog.Nodes(view, 256), 256), default));
        await ForgeAsync(new PruneStatement("castellan.test/audit", 256, root, head, _clock.GetUtcNow()).Sign(_key, default));
        Assert.Contains("no record of the log says that they were pruned", await ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenTheHashOfAPrunedRecordIsChanged_IsFound()
    {
        await GrowAsync(600);
        await PruneAsync();
        await _store.WriteAsync(unit =>
        {
            var hashes = unit.First("select hashes from audit_tile where level = 0 and place = 0", row => row.GetBytes(0))!;
            hashes[7] ^= 1;
            unit.Execute("update audit_tile set hashes = $1 where level = 0 and place = 0", hashes);
        }, default);
        Assert.Contains("the log was rewritten", await ProblemAsync(), StringComparison.Ordinal);
    }

    private Task<PrunePlan> PruneAsync() => _retention.PruneAsync(_clock.GetUtcNow(), new AuditWho { Principal = "ops" }, "test", default);

    private Task ForgeAsync(SignedNote statement) => _store.WriteAsync(unit =>
    {
        PrunedTable.Put(unit, 256, statement);
        unit.Execute("delete from audit_record where sequence <= 256");
    }, default);

    private async Task<string> ProblemAsync()
    {
        var found = await _tree.VerifyAsync(null, default);
        Assert.False(found.Ok);
        return found.Problem!;
    }

    private Task ExecuteAsync(string sql) => _store.WriteAsync(unit => unit.Execute(sql), default);

    /// <summary>Appends so many records at a time, a second apart for each hundred, and signs.</summary>
    private async Task<List<Checkpoint>> GrowAsync(params int[] counts)
    {
        List<Checkpoint> seen = [];
        foreach (var count in counts)
        {
            for (var left = count; left > 0; left -= 100)
            {
                await _store.WriteAsync(unit =>
                {
                    for (var i = 0; i < Math.Min(left, 100); i++)
                    {
                        _log.Append(unit, new AuditRecord { Stage = AuditStage.Decided, Kind = AuditKind.Tool, CallId = $"call-{i}", Who = new AuditWho { Principal = "alice" } });
                    }
                }, default);
                _clock.Advance(TimeSpan.FromSeconds(1));
            }

            seen.Add(Checkpoint.Open(await _tree.AdvanceAsync(default), _key.Verifier));
        }

        return seen;
    }

    private async Task<string> ExportAsync()
    {
        var folder = Path.Combine(_folder, "export");
        var note = await _tree.AdvanceAsync(default);
        await new LogArchive(folder).WriteAsync(note.ToString(), Checkpoint.Open(note, _key.Verifier).Size, await _tree.PrunedAsync(default),
            async (path, ct) => TileAddress.TryParse(path, out var address) ? (await _tree.ReadFileAsync(address, ct))! : throw new ArgumentException(path), (_, _) => { }, default);
        return folder;
    }
}
