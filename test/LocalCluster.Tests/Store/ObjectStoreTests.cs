using System.Text.Json.Nodes;
using Castellan.LocalCluster.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.LocalCluster.Tests.Store;

public sealed class ObjectStoreTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("castellan-store-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Put_WhenExpectedRevisionIsWrong_Conflicts()
    {
        await using var store = Open();
        var first = await store.PutAsync(Key("a"), Draft("a", 1), 0, default);
        await Assert.ThrowsAsync<CommitConflictException>(() => store.PutAsync(Key("a"), Draft("a", 2), 0, default));
        var second = await store.PutAsync(Key("a"), Draft("a", 2), first.Revision, default);
        Assert.Equal(first.Revision + 1, second.Revision);
        Assert.Contains($"\"resourceVersion\":\"{second.Revision}\"", System.Text.Encoding.UTF8.GetString(second.Json));
    }

    [Fact]
    public async Task Open_WhenProcessDied_FindsEveryAcknowledgedWrite()
    {
        var copy = Path.Combine(folder, "copy");
        await using (var store = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => store.PutAsync(Key($"o{i}"), Draft($"o{i}", i), 0, default)));
            CopyFiles(Path.Combine(folder, "live"), copy); // what a kill -9 leaves: nothing was closed
        }
        await using var again = ObjectStore.Open(copy, flush: false, NullLogger.Instance);
        Assert.Equal(500, again.List("/things", null).Items.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(40)]
    public async Task Open_WhenLastFrameIsTorn_KeepsWhatIsBeforeIt(int missing)
    {
        await using (var store = Open())
        {
            await store.PutAsync(Key("a"), Draft("a", 1), 0, default);
            await store.PutAsync(Key("b"), Draft("b", 1), 0, default);
        }
        using (var file = File.OpenWrite(JournalFile())) file.SetLength(file.Length - missing);
        await using (var again = Open())
        {
            Assert.NotNull(again.Find(Key("a")));
            Assert.Null(again.Find(Key("b")));
            await again.PutAsync(Key("c"), Draft("c", 1), 0, default);
        }
        await using var third = Open();
        Assert.NotNull(third.Find(Key("c")));
    }

    [Fact]
    public async Task Open_WhenTheMiddleIsDamaged_RefusesWithFileOffsetAndRemedy()
    {
        await using (var store = Open())
        {
            await store.PutAsync(Key("a"), Draft("a", 1), 0, default);
            await store.PutAsync(Key("b"), Draft("b", 1), 0, default);
        }
        var before = File.ReadAllBytes(JournalFile());
        before[30] ^= 0x40;
        File.WriteAllBytes(JournalFile(), before);
        var error = Assert.Throws<JournalCorruptedException>(() => Open());
        Assert.Equal((JournalFile(), 0L), (error.File, error.Offset));
        Assert.Contains("truncate -s 0", error.Message);
        Assert.Equal(before, File.ReadAllBytes(JournalFile()));
    }

    [Fact]
    public async Task Open_WhenAnotherHasIt_Refuses()
    {
        await using var store = Open();
        var error = Assert.Throws<IOException>(() => Open());
        Assert.Contains("in use by another process", error.Message);
    }

    [Fact]
    public async Task Journal_WhenItGrowsLarge_IsCompactedAndLosesNothing()
    {
        var big = new string('x', 64 * 1024);
        await using (var store = Open())
        {
            var revision = 0L;
            for (var i = 0; i < 300; i++) revision = (await store.PutAsync(Key("a"), Draft("a", i, big), revision, default)).Revision;
        }
        Assert.True(new FileInfo(JournalFile()).Length < 8 << 20, "the journal was not compacted");
        await using var again = Open();
        Assert.Equal(299, (int)JsonNode.Parse(again.Find(Key("a"))!.Json)!["n"]!);
        Assert.Equal(301, again.Revision);
    }

    [Fact]
    public async Task Watch_WhenRevisionIsTooOld_IsRefused()
    {
        await using (var store = Open()) await store.PutAsync(Key("a"), Draft("a", 1), 0, default);
        await using var again = Open();
        Assert.Null(again.Watch("/things", null, 1));
        using var current = again.Watch("/things", null, again.Revision);
        Assert.NotNull(current);
    }

    private static ObjectKey Key(string name) => new("/things", "default", name);

    private static ObjectDraft Draft(string name, int number, string text = "") => ObjectDraft.Of(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = $"uid-{name}" }, ["n"] = number, ["text"] = text,
    });

    private static void CopyFiles(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)))
        {
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var target = File.Create(Path.Combine(to, Path.GetFileName(file)));
            source.CopyTo(target);
        }
    }

    private string JournalFile() => Directory.GetFiles(Path.Combine(folder, "live"), "journal-*").Single();

    private ObjectStore Open() => ObjectStore.Open(Path.Combine(folder, "live"), flush: false, NullLogger.Instance);
}
