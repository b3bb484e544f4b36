using System.Diagnostics;
using System.Globalization;
using Castellan.Audit;
using Castellan.Audit.Transparency;
using Castellan.Storage;

namespace Castellan.Benchmarks.Audit;

/// <summary>What the audit log costs: durable appends, verification, and proofs of logs of a thousand to a million records.</summary>
internal static class AuditRates
{
    private const int Appends = 40_000, Writers = 256, Proofs = 200;
    private const long AppendsAt = 10_000;
    private static readonly long[] Sizes = [1_000, 10_000, 100_000, 1_000_000];

    /// <param name="location">An empty database; null makes a file.</param>
    /// <param name="largest">Records of the largest log.</param>
    public static async Task RunAsync(StoreLocation? location, long largest)
    {
        var folder = Directory.CreateTempSubdirectory("castellan-bench-audit-").FullName;
        try
        {
            await using var store = await Store.OpenAsync(new() { Location = location ?? StoreLocation.Sqlite(Path.Combine(folder, "audit.db")), Migrations = [AuditLog.Schema] }, CancellationToken.None);
            using var key = new NoteSigner("bench.local/audit", NoteSigner.NewKey());
            var log = new AuditLog(store, TimeProvider.System);
            using var tree = new TransparencyLog(store, log, key, TimeProvider.System);
            Say($"audit log on {(location is null ? "SQLite" : "PostgreSQL")}, {Environment.ProcessorCount} cores");
            foreach (var size in Sizes.Where(size => size <= largest))
            {
                await GrowAsync(store, log, size);
                await MeasureProofsAsync(log, tree);
                if (size == AppendsAt)
                {
                    await MeasureAppendsAsync(store, log, tree);
                }
            }

            await MeasureVerificationAsync(tree);
            await MeasureArchiveAsync(tree, Path.Combine(folder, "export"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // As calls do it: many at once, each waiting until its record is on disk. The sequencer runs beside them.
    private static async Task MeasureAppendsAsync(Store store, AuditLog log, TransparencyLog tree)
    {
        using var stop = new CancellationTokenSource();
        var sequencing = SequenceAsync(log, tree, stop.Token);
        await AppendAsync(log, 2_000);
        var (before, commits) = (Stopwatch.GetTimestamp(), store.Statistics.Commits);
        await AppendAsync(log, Appends);
        var took = Stopwatch.GetElapsedTime(before);
        await log.SettleAsync(CancellationToken.None);
        var settled = Stopwatch.GetElapsedTime(before);
        await stop.CancelAsync();
        await sequencing;
        Say($"append, {Writers} callers: {Appends / took.TotalSeconds:N0} durable records/s in {store.Statistics.Commits - commits} commits; all numbered after {settled.TotalSeconds / took.TotalSeconds:0.00} of that time");

        var latencies = new double[200];
        for (var i = 0; i < latencies.Length; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await log.AppendAsync(Record(i), CancellationToken.None);
            latencies[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }

        Array.Sort(latencies);
        Say($"append, one caller: {latencies[100]:0.000} ms at the median, {latencies[190]:0.000} ms at 95 %");
    }

    private static async Task SequenceAsync(AuditLog log, TransparencyLog tree, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await log.TrySettleAsync(CancellationToken.None);
            await tree.AdvanceAsync(CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Task AppendAsync(AuditLog log, int count)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var i && i < count)
            {
                await log.AppendAsync(Record(i), CancellationToken.None);
            }
        }));
    }

    private static async Task GrowAsync(Store store, AuditLog log, long size)
    {
        for (var head = (await log.HeadAsync(CancellationToken.None)).Sequence; head < size; head = (await log.HeadAsync(CancellationToken.None)).Sequence)
        {
            await store.WriteAsync(unit =>
            {
                for (var i = head; i < Math.Min(size, head + 1_000); i++)
                {
                    log.Append(unit, Record(i));
                }
            }, CancellationToken.None);
        }
    }

    private static async Task MeasureProofsAsync(AuditLog log, TransparencyLog tree)
    {
        var size = (await log.HeadAsync(CancellationToken.None)).Sequence;
        await tree.AdvanceAsync(CancellationToken.None);
        var (random, hashes) = (new Random(1), 0);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < Proofs; i++)
        {
            var proof = (await tree.ProveAsync(1 + random.NextInt64(size), CancellationToken.None))!;
            hashes = Math.Max(hashes, proof.Hashes.Count);
            if (i == 0 && proof.ProblemWith(tree.Verifier) is { } problem)
            {
                throw new InvalidOperationException(problem);
            }
        }

        var inclusion = Stopwatch.GetElapsedTime(begun) / Proofs;
        begun = Stopwatch.GetTimestamp();
        var growth = 0;
        for (var i = 0; i < Proofs; i++)
        {
            growth = Math.Max(growth, (await tree.ProveGrowthAsync(1 + random.NextInt64(size), CancellationToken.None))!.Hashes.Count);
        }

        Say($"{size,9:N0} records: inclusion proof {inclusion.TotalMilliseconds:0.000} ms, at most {hashes} hashes; growth proof {(Stopwatch.GetElapsedTime(begun) / Proofs).TotalMilliseconds:0.000} ms, at most {growth} hashes");
    }

    private static async Task MeasureVerificationAsync(TransparencyLog tree)
    {
        var best = double.MaxValue;
        var records = 0L;
        for (var i = 0; i < 3; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var found = await tree.VerifyAsync(null, CancellationToken.None);
            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalSeconds);
            records = found.Ok ? found.Records : throw new InvalidOperationException(found.Problem);
        }

        Say($"verify: {records / best:N0} records/s ({records:N0} records, chain, columns and tree)");
    }

    // What an auditor does who has the exported files and the log's key, and nothing else.
    private static async Task MeasureArchiveAsync(TransparencyLog tree, string folder)
    {
        var note = await tree.AdvanceAsync(CancellationToken.None);
        var archive = new LogArchive(folder);
        await archive.WriteAsync(note.ToString(), Checkpoint.Open(note, tree.Verifier).Size, null,
            async (path, ct) => TileAddress.TryParse(path, out var address) ? (await tree.ReadFileAsync(address, ct))! : throw new ArgumentException(path), (_, _) => { }, CancellationToken.None);
        var best = double.MaxValue;
        var records = 0L;
        for (var i = 0; i < 3; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var found = await archive.VerifyAsync(tree.Verifier, null, CancellationToken.None);
            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalSeconds);
            records = found.Problem is null ? found.Checkpoint!.Size : throw new InvalidOperationException(found.Problem);
        }

        Say($"verify exported files: {records / best:N0} records/s ({records:N0} records)");
    }

    // The size of a tool call's record in the demo: about 900 bytes of JSON.
    private static AuditRecord Record(long i) => new()
    {
        Stage = AuditStage.Decided,
        Kind = AuditKind.Tool,
        CallId = $"call-{i}",
        Who = new AuditWho { Principal = "spiffe://castellan.local/ns/default/sa/agent-triage", Agent = "triage", AgentNamespace = "default", AgentRevision = 3, OnBehalfOf = "you" },
        What = new AuditWhat
        {
            Namespace = "default", Server = "cluster", Name = "pods_list", Method = "tools/call", Effect = "Read",
            ToolDigest = "sha256:3d7a1c1f0f1be7fb6bd83d2e3e9ab5dbe4f5e0a8b4a9fe5a3b7cc8f4ad1c2f33",
            ArgumentsDigest = "sha256:9b74c9897bac770ffc029102a200c5de1f2d5a8a3d7b9d0c7a56f3b1e2d4c6a8",
            ArgumentsPreview = new() { ["namespace"] = "shop", ["labelSelector"] = "app=checkout" },
        },
        Why = new AuditWhy { Decision = "Allow", Rule = "read-only", Policy = "default/triage", PolicyRevision = "sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9", Reason = "rule 'read-only' allows it" },
        Where = new AuditWhere { RunId = "run-0197a3b2", SessionId = "session-0197a3b2", Step = i, Component = "gateway", ComponentVersion = "0.1.0" },
    };

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
