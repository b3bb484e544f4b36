using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit.Abstractions;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>Alone in the process, because it measures the process.</summary>
[CollectionDefinition(nameof(FuzzTests), DisableParallelization = true)]
public sealed class FuzzAlone;

/// <summary>
/// Requests that are wrong in every way at the gRPC port: each gets its right status, nothing fails on the server, nothing stays behind, and an
/// orchestration in a hub beside runs as ever.
/// </summary>
[Collection(nameof(FuzzTests))]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Callers = 32;
    private const int ConnectionsEach = 250; // requests for each badly spoken connection
    private const int WorkEach = 2000; // requests for each orchestration beside
    private const long MaxGrowth = 48L << 20;

    [Fact]
    public Task Port_WhenFiveThousandInputsAreWrong_AnswersEachAndGoesOn() => RunAsync(5_000, 20261121);

    [Fact]
    [Trait("tier", "soak")]
    public Task Port_WhenAMillionInputsAreWrong_AnswersEachAndGoesOn() => RunAsync(1_000_000, 1);

    private async Task RunAsync(int inputs, int seed)
    {
        var watch = Stopwatch.StartNew();
        await using var server = await FuzzServer.StartAsync();
        var warm = Math.Max(2_000, inputs / 10);
        await FireAsync(server, 0, warm, seed);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await FireAsync(server, warm, inputs, seed);
        await server.QuietAsync();
        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(server.Errors.Lines.IsEmpty, string.Join('\n', server.Errors.Lines));
        Assert.True(growth < MaxGrowth, $"{growth >> 20} MiB more after {inputs} inputs");
        output.WriteLine($"{inputs} inputs in {watch.Elapsed.TotalSeconds:0} s, memory {growth / 1024.0 / 1024:+0.0;-0.0} MiB");
    }

    private static async Task FireAsync(FuzzServer server, int from, int to, int seed)
    {
        using var caller = new FuzzCaller(server.Address);
        var faults = new ConcurrentQueue<string>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120 + (to / 500)));
        await Parallel.ForAsync(from, to, new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = limit.Token }, async (number, ct) =>
        {
            var random = new Random(unchecked((seed * 1_000_003) + number)); // each input can be made again alone
            if (number % ConnectionsEach == 0)
            {
                await new FrameFuzz(server.Address, random).RunAsync(ct);
            }

            if (number % WorkEach == 0)
            {
                await server.WorkAsync(number);
            }

            var input = new FuzzInputs(random).Next();
            if (faults.Count < 10 && await caller.FaultAsync(input, ct) is { } fault)
            {
                faults.Enqueue($"input {number} of seed {seed}: {fault} for {input}");
            }
        });
        Assert.True(faults.IsEmpty, string.Join('\n', faults.Concat(server.Errors.Lines)));
    }
}
