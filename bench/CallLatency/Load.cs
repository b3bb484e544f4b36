using System.Collections.Concurrent;
using System.Diagnostics;

namespace Castellan.CallLatency;

/// <summary>Closed-loop load: each client calls again when its last call was answered.</summary>
internal static class Load
{
    internal static async Task WarmUpAsync(params Func<Task>[] calls)
    {
        foreach (var call in calls)
        {
            for (var i = 0; i < 500; i++)
            {
                await call();
            }
        }
    }

    internal static async Task<string> RunAsync(string name, Func<Task> call, int clients, double seconds)
    {
        var latencies = new ConcurrentBag<List<double>>();
        using var self = Process.GetCurrentProcess();
        var cpu = self.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            var own = new List<double>(1 << 14);
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
            {
                var before = Stopwatch.GetTimestamp();
                await call();
                own.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            }

            latencies.Add(own);
        })));
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        self.Refresh();
        var busy = (self.TotalProcessorTime - cpu).TotalMicroseconds;
        var all = latencies.SelectMany(l => l).Order().ToArray();
        return $"| {name} | {clients} | {all.Length / took:F0} | {all[all.Length / 2]:F2} | {all[(int)(all.Length * 0.99)]:F2} | {busy / all.Length:F0} |";
    }
}
