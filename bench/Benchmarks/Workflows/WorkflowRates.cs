using System.Diagnostics;
using Castellan.Storage;
using Castellan.Workflows;

namespace Castellan.Benchmarks.Workflows;

/// <summary>Durable activities: latency of each in a lone chain, and the rate that many chains sustain, beside the raw cost of a commit in the same run.</summary>
internal static class WorkflowRates
{
    private const int Chain = 20;
    private const int Concurrent = 64;
    private const int Commits = 1000;
    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(6);

    private static readonly List<long> Marks = [];

    /// <param name="location">Where the store lies; null makes a SQLite file.</param>
    public static async Task RunAsync(StoreLocation? location)
    {
        await using var hub = await BenchHub.StartAsync(location);
        await MeasureCommitsAsync(hub);
        foreach (var overGrpc in (bool[])[false, true])
        {
            var client = await hub.AddWorkerAsync(overGrpc, Register);
            await Task.WhenAll(Enumerable.Range(0, Concurrent).Select(_ => ChainAsync(client, 4))); // warm
            await MeasureLoneAsync(hub, client, overGrpc);
            await MeasureManyAsync(hub, client, overGrpc);
        }
    }

    private static void Register(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, int>("chain", async (context, count) =>
        {
            var sum = 0;
            for (var i = 0; i < count; i++)
            {
                sum += await context.CallActivityAsync<int>("mark", i);
            }

            return sum;
        });
        options.RegisterActivity<int, int>("mark", (_, number) =>
        {
            lock (Marks)
            {
                Marks.Add(Stopwatch.GetTimestamp());
            }

            return Task.FromResult(number);
        });
    }

    private static async Task ChainAsync(DaprWorkflowClient client, int count)
    {
        var id = await client.ScheduleNewWorkflowAsync("chain", null, count);
        await client.WaitForWorkflowCompletionAsync(id, getInputsAndOutputs: false);
    }

    private static async Task MeasureCommitsAsync(BenchHub hub)
    {
        var alone = new List<double>();
        for (var i = 0; i < Commits; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await hub.CommitOneAsync();
            alone.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Print("raw commit, one at a time", alone);
    }

    private static async Task MeasureLoneAsync(BenchHub hub, DaprWorkflowClient client, bool overGrpc)
    {
        var spans = new List<double>();
        var commits = new List<double>();
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Alone)
        {
            Marks.Clear();
            await ChainAsync(client, Chain);
            spans.AddRange(Marks.Zip(Marks.Skip(1), (from, to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds));
            for (var one = 0; one < Chain; one++) // between the chains, so that both meet the same weather
            {
                var start = Stopwatch.GetTimestamp();
                await hub.CommitOneAsync();
                commits.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        Print($"activity, {Kind(overGrpc)}, one chain", spans);
        Print("  raw commit in between", commits);
    }

    private static async Task MeasureManyAsync(BenchHub hub, DaprWorkflowClient client, bool overGrpc)
    {
        var chains = 0;
        var before = hub.Store.Statistics;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Concurrent).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(begun) < Together)
            {
                await ChainAsync(client, Chain);
                Interlocked.Increment(ref chains);
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var now = hub.Store.Statistics;
        Console.WriteLine($"{$"activity, {Kind(overGrpc)}, {Concurrent} chains",-36} {chains * Chain / seconds:0} activities/s; {(now.Commits - before.Commits) / seconds:0} commits/s of "
            + $"{(double)(now.Units - before.Units) / (now.Commits - before.Commits):0.0} units");
    }

    private static string Kind(bool overGrpc) => overGrpc ? "gRPC" : "in memory";

    private static void Print(string name, List<double> values)
    {
        values.Sort();
        Console.WriteLine($"{name,-36} p50 {values[values.Count / 2]:0.00} ms, p90 {values[values.Count * 9 / 10]:0.00} ms, p99 {values[values.Count * 99 / 100]:0.00} ms");
    }
}
