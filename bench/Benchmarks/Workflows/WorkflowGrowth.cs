using System.Diagnostics;
using System.Globalization;
using Castellan.Workflows;

namespace Castellan.Benchmarks.Workflows;

/// <summary>What a step costs when the history is long, and what instances cost that only wait.</summary>
internal static class WorkflowGrowth
{
    private const int Steps = 3400; // each adds three events
    private const int Window = 400;
    private const int Batch = 500;

    public static async Task RunAsync(int idle)
    {
        await using (var hub = await BenchHub.StartAsync())
        {
            await MeasureStepsAsync(hub, overGrpc: false);
            await MeasureStepsAsync(hub, overGrpc: true);
        }

        await using (var hub = await BenchHub.StartAsync())
        {
            await MeasureIdleAsync(hub, idle);
        }
    }

    private static async Task MeasureStepsAsync(BenchHub hub, bool overGrpc)
    {
        var marks = new List<long>(Steps);
        var client = await hub.AddWorkerAsync(overGrpc, options =>
        {
            options.RegisterWorkflow<int, int>("long", async (context, count) =>
            {
                for (var i = 0; i < count; i++)
                {
                    await context.CallActivityAsync<int>("mark", i);
                }

                return count;
            });
            options.RegisterActivity<int, int>("mark", (_, number) =>
            {
                marks.Add(Stopwatch.GetTimestamp());
                return Task.FromResult(number);
            });
        });
        await RunAsync(client, Window); // warm
        marks.Clear();
        var id = await RunAsync(client, Steps);
        var events = (await client.GetInstanceHistoryAsync(id)).Count;
        var spans = marks.Zip(marks.Skip(1), (from, to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds).ToList();
        Console.WriteLine($"{(overGrpc ? "gRPC" : "in memory"),-10} step at the beginning p50 {Median(spans.Take(Window)):0.00} ms, at {events:N0} events p50 {Median(spans.TakeLast(Window)):0.00} ms");
    }

    private static async Task<string> RunAsync(DaprWorkflowClient client, int steps)
    {
        var id = await client.ScheduleNewWorkflowAsync("long", null, steps);
        await client.WaitForWorkflowCompletionAsync(id, getInputsAndOutputs: false);
        return id;
    }

    private static async Task MeasureIdleAsync(BenchHub hub, int idle)
    {
        var before = Memory();
        var client = await hub.AddWorkerAsync(overGrpc: false, options => options.RegisterWorkflow<string, string>("waiter", async (context, name) =>
            name + await context.WaitForExternalEventAsync<string>("go", TimeSpan.FromDays(30))));
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < idle; i += Batch)
        {
            await Task.WhenAll(Enumerable.Range(i, Math.Min(Batch, idle - i)).Select(one => client.ScheduleNewWorkflowAsync("waiter", Id(one), Id(one))));
        }

        var started = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var after = Memory();
        Console.WriteLine($"{idle:N0} idle instances: started at {idle / started:0}/s; heap {before.Heap} → {after.Heap} MB, resident {before.Resident} → {after.Resident} MB; database {new FileInfo(hub.Database).Length >> 20} MB");
        begun = Stopwatch.GetTimestamp();
        var woken = Enumerable.Range(0, Math.Min(1000, idle)).Select(i => Id(i * (idle / Math.Min(1000, idle)))).ToList();
        await Task.WhenAll(woken.Select(id => client.RaiseEventAsync(id, "go", "!")));
        await Task.WhenAll(woken.Select(id => client.WaitForWorkflowCompletionAsync(id)));
        Console.WriteLine($"{woken.Count:N0} of them woken and completed in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
    }

    private static string Id(int number) => "waiter-" + number.ToString(CultureInfo.InvariantCulture);

    private static (long Heap, long Resident) Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true) >> 20, self.WorkingSet64 >> 20);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
