using Castellan.Audit.Transparency;
using Castellan.Storage;

namespace Castellan.Audit.Tests.Transparency;

public class TransparencyLogTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-tlog-").FullName;
    private readonly NoteSigner _key = new("castellan.test/audit", NoteSigner.NewKey());
    private Store _store = null!;
    private AuditLog _log = null!;
    private TransparencyLog _tree = null!;

    public async Task InitializeAsync()
    {
        _store = await Store.OpenAsync(new StoreOptions { Location = await LocateAsync(), Migrations = [AuditLog.Schema] }, default);
        _log = new(_store, TimeProvider.System);
        _tree = new(_store, _log, _key, TimeProvider.System);
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
    public async Task Advance_WhenLogIsEmpty_SignsTheEmptyTree() =>
        Assert.Equal((0, MerkleHash.EmptyTree), Parts(Checkpoint.Open(await _tree.AdvanceAsync(default), _key.Verifier)));

    [Fact]
    public async Task Prove_WhenLogGrows_HoldsForEveryRecordAndEveryEarlierCheckpoint()
    {
        List<Checkpoint> seen = [];
        foreach (var count in new[] { 1, 2, 254, 1, 300, 2100 })
        {
            await AppendAsync(count);
            seen.Add(Checkpoint.Open(await _tree.AdvanceAsync(default), _key.Verifier));
        }

        Assert.Equal(2658, seen[^1].Size);
        foreach (var sequence in new long[] { 1, 2, 3, 256, 257, 258, 557, 558, 2658 })
        {
            var proof = await _tree.ProveAsync(sequence, default);
            Assert.Null(proof!.ProblemWith(_key.Verifier));
            Assert.Contains($"\"sequence\":{sequence},", proof.Entry, StringComparison.Ordinal);
            Assert.NotNull((proof with { Entry = proof.Entry.Replace("alice", "mallory", StringComparison.Ordinal) }).ProblemWith(_key.Verifier));
        }

        foreach (var earlier in seen)
        {
            var proof = await _tree.ProveGrowthAsync(earlier.Size, default);
            Assert.Null(proof!.ProblemWith(earlier, _key.Verifier));
            Assert.NotNull(proof.ProblemWith(earlier with { Root = MerkleHash.EmptyTree }, _key.Verifier));
        }

        Assert.Null(await _tree.ProveAsync(0, default));
        Assert.Null(await _tree.ProveAsync(2659, default));
        Assert.Null(await _tree.ProveGrowthAsync(2659, default));
    }

    [Fact]
    public async Task Advance_WhenTwoProcessesExtendTheLog_AgreeOnOneTree()
    {
        using var other = new TransparencyLog(_store, _log, _key, TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            await AppendAsync(37);
            await Task.WhenAll(Task.Run(() => _tree.AdvanceAsync(default)), Task.Run(() => other.AdvanceAsync(default)));
        }

        var found = await _tree.VerifyAsync(null, default);
        Assert.True(found.Ok, found.Problem);
        Assert.Equal(740, found.Records);
        Assert.Null((await other.ProveAsync(700, default))!.ProblemWith(_key.Verifier));
    }

    [Fact]
    public async Task AuditTamper_WhenTheWholeChainIsRewritten_TheSignedRootDiffers()
    {
        await AppendAsync(10);
        await _tree.AdvanceAsync(default);
        await RewriteAsync();

        var found = await _tree.VerifyAsync(null, default);
        Assert.False(found.Ok);
        Assert.Contains("do not give the root that was signed", found.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenTheLogIsRewrittenAndSignedAgain_AKeptCheckpointAndAWitnessShowIt()
    {
        using var witnessKey = new NoteSigner("witness.test/w", NoteSigner.NewKey(), NoteKeyType.Cosignature);
        var witness = new Witness(_key.Verifier, witnessKey, TimeProvider.System);
        await AppendAsync(5);
        var cosigned = witness.Begin(await _tree.AdvanceAsync(default));
        await AppendAsync(5);
        cosigned = witness.Continue(cosigned, (await _tree.ProveGrowthAsync(5, default))!);
        Assert.NotNull(witnessKey.Verifier.CosignedAt(SignedNote.Parse(cosigned.ToString())));
        var kept = Checkpoint.Open(cosigned, _key.Verifier);
        Assert.Equal(10, kept.Size);

        // Who owns the machine has the key, too: everything is made anew, and holds in itself.
        await _store.WriteAsync(unit =>
        {
            unit.Execute("delete from audit_tile");
            unit.Execute("delete from audit_checkpoint");
        }, default);
        await RewriteAsync();
        using var forged = new TransparencyLog(_store, _log, _key, TimeProvider.System);
        await forged.AdvanceAsync(default);
        await AppendAsync(3);
        Assert.True((await forged.VerifyAsync(null, default)).Ok);

        var growth = (await forged.ProveGrowthAsync(kept.Size, default))!;
        Assert.Contains("it was rewritten", growth.ProblemWith(kept, _key.Verifier), StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => witness.Continue(cosigned, growth));
        Assert.Throws<FormatException>(() => witness.Continue(growth.Checkpoint, growth)); // the last one must be the witness's own
    }

    [Fact]
    public async Task AuditTamper_WhenTheTailIsTruncated_TheCheckpointShowsIt()
    {
        await AppendAsync(10);
        await _tree.AdvanceAsync(default);
        await _store.WriteAsync(unit => unit.Execute("delete from audit_record where sequence > 7"), default);

        var found = await _tree.VerifyAsync(null, default);
        Assert.False(found.Ok);
        Assert.Contains("ends at record 7, but its checkpoint is over 10", found.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditTamper_WhenARecordIsRemovedBeforeItIsSigned_TheLogIsNotExtendedOverTheHole()
    {
        await AppendAsync(5);
        await _tree.AdvanceAsync(default);
        await AppendAsync(5);
        await _log.SettleAsync(default);
        await _store.WriteAsync(unit => unit.Execute("delete from audit_record where sequence = 6"), default);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => _tree.AdvanceAsync(default));
        Assert.Contains("record 6 is missing", error.Message, StringComparison.Ordinal);
        Assert.False((await _tree.VerifyAsync(null, default)).Ok);
    }

    [Fact]
    public async Task Archive_WhenWritten_CanBeCheckedWithoutTheStore()
    {
        await AppendAsync(300);
        var first = Checkpoint.Open(await _tree.AdvanceAsync(default), _key.Verifier);
        await AppendAsync(400);
        var folder = await ExportAsync();
        var archive = new LogArchive(folder);

        var found = await archive.VerifyAsync(_key.Verifier, first, default);
        Assert.Null(found.Problem);
        Assert.Equal(700, found.Checkpoint!.Size);
        var entries = new List<string>();
        await foreach (var entry in archive.ReadAsync(700, default))
        {
            entries.Add(entry);
        }

        Assert.Equal(700, entries.Count);
        Assert.Contains("\"sequence\":700,", entries[^1], StringComparison.Ordinal);
        Assert.NotNull((await archive.VerifyAsync(_key.Verifier, first with { Root = MerkleHash.EmptyTree }, default)).Problem);
        Assert.NotNull((await archive.VerifyAsync(_key.Verifier, first with { Size = 701 }, default)).Problem);
        using var thief = new NoteSigner("castellan.test/audit", NoteSigner.NewKey());
        Assert.Contains("not signed by the key", (await archive.VerifyAsync(thief.Verifier, null, default)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("swap")]
    [InlineData("cut")]
    [InlineData("truncate")]
    [InlineData("checkpoint")]
    public async Task AuditTamper_WhenExportedFilesAreChanged_TheyDoNotVerify(string how)
    {
        await AppendAsync(20);
        var folder = await ExportAsync();
        var (bundle, checkpoint) = (Path.Combine(folder, "tile", "entries", "000.p", "20"), Path.Combine(folder, "checkpoint"));
        var entries = EntryBundle.Read(await File.ReadAllBytesAsync(bundle)).Select(e => System.Text.Encoding.UTF8.GetString(e.Span)).ToList();
        switch (how)
        {
            case "edit":
                entries[3] = entries[3].Replace("alice", "mallory", StringComparison.Ordinal);
                break;
            case "swap":
                (entries[3], entries[4]) = (entries[4], entries[3]);
                break;
            case "cut":
                entries.RemoveAt(19);
                break;
        }

        await File.WriteAllBytesAsync(bundle, how == "truncate" ? (await File.ReadAllBytesAsync(bundle))[..^3] : EntryBundle.Write(entries));
        if (how == "checkpoint")
        {
            await File.WriteAllTextAsync(checkpoint, (await File.ReadAllTextAsync(checkpoint)).Replace("\n20\n", "\n19\n", StringComparison.Ordinal));
        }

        Assert.NotNull((await new LogArchive(folder).VerifyAsync(_key.Verifier, null, default)).Problem);
    }

    [Theory]
    [InlineData("tile/0/000", true)]
    [InlineData("tile/0/x001/067.p/8", true)]
    [InlineData("tile/entries/000.p/1", true)]
    [InlineData("tile/7/000", true)]
    [InlineData("tile/8/000", false)]
    [InlineData("tile/0/00", false)]
    [InlineData("tile/0/001/000", false)]
    [InlineData("tile/0/x000/001", false)]
    [InlineData("tile/0/000.p/256", false)]
    [InlineData("tile/0/000.p/0", false)]
    [InlineData("tile/0/000.p/08", false)]
    [InlineData("tile/-1/000", false)]
    [InlineData("tile/0/../../secret", false)]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999", false)]
    [InlineData("tile/0", false)]
    [InlineData("checkpoint", false)]
    [InlineData("", false)]
    public void TryParse_WhenPathIsGiven_TakesOnlyTheOnePathOfATile(string path, bool valid)
    {
        Assert.Equal(valid, TileAddress.TryParse(path, out var address));
        if (valid)
        {
            Assert.Equal(path, address.Level == TileAddress.EntriesLevel ? TileAddress.EntriesPath(address.Index, address.Width) : address.Path);
        }
    }

    private async Task<string> ExportAsync()
    {
        var folder = Path.Combine(_folder, "export");
        var note = await _tree.AdvanceAsync(default);
        await new LogArchive(folder).WriteAsync(note.ToString(), Checkpoint.Open(note, _key.Verifier).Size, null,
            async (path, ct) => TileAddress.TryParse(path, out var address) ? (await _tree.ReadFileAsync(address, ct))! : throw new ArgumentException(path), (_, _) => { }, default);
        return folder;
    }

    private Task AppendAsync(int count) => _store.WriteAsync(unit =>
    {
        for (var i = 0; i < count; i++)
        {
            _log.Append(unit, new AuditRecord { Stage = AuditStage.Decided, Kind = AuditKind.Tool, CallId = $"call-{i}", Who = new AuditWho { Principal = "alice" } });
        }
    }, default);

    /// <summary>As the owner of the machine would: every record again, with a chain that holds.</summary>
    private Task RewriteAsync() => _store.WriteAsync(unit =>
    {
        unit.Execute("delete from audit_record");
        for (var i = 0; i < 10; i++)
        {
            _log.Append(unit, new AuditRecord { Stage = AuditStage.Decided, Kind = AuditKind.Tool, CallId = $"call-{i}", Who = new AuditWho { Principal = "mallory" } });
        }
    }, default);

    private static (long, MerkleHash) Parts(Checkpoint checkpoint) => (checkpoint.Size, checkpoint.Root);
}
