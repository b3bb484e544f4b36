using System.Globalization;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Castellan.EndToEnd.Tests.Crash;

/// <summary>
/// Kill -9 of any process at any moment of a run that writes: every run ends, each write happened once or is reported unknown, the log verifies.
/// What happened is counted where the effects are: lines in a file, generations of a Deployment.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int FewRounds = 4, ManyRounds = 24;

    /// <summary>A system gets so many kills: with each the kubelet's back-off grows, and the rounds would wait for nothing else.</summary>
    private const int RoundsOfASystem = 4;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    /// <summary>The same kills at the same moments in every run, unless CASTELLAN_SEED says otherwise.</summary>
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("CASTELLAN_SEED") ?? "20261121", CultureInfo.InvariantCulture);

    [Fact]
    public Task Run_WhenProcessesAreKilledAtRandomMoments_EndsAndWritesAtMostOnce() => KillAsync(FewRounds);

    [Fact]
    [Trait("tier", "soak")]
    public Task Run_WhenProcessesAreKilledManyTimes_EndsAndWritesAtMostOnce() => KillAsync(ManyRounds);

    private async Task KillAsync(int rounds)
    {
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}, {rounds} rounds");
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < rounds; round += RoundsOfASystem)
        {
            await using var clerk = await ClerkSystem.StartAsync();
            for (var i = round; i < Math.Min(rounds, round + RoundsOfASystem); i++)
            {
                await RoundAsync(clerk, Victim.All[random.Next(Victim.All.Count)], random.NextDouble() * LongestWait, i, tally);
            }
            (await clerk.System.RunAsync("audit", "verify")).MustSucceed();
        }
        output.WriteLine(string.Join(", ", tally.Select(t => $"{t.Key}: {t.Value}")));
        Assert.True(tally.GetValueOrDefault("Completed") > 0, "no write was completed: the rounds prove nothing");
    }

    private async Task RoundAsync(ClerkSystem clerk, Victim victim, TimeSpan after, int round, SortedDictionary<string, int> tally)
    {
        var shift = $"shift {round} {Guid.NewGuid():N}";
        var generation = await clerk.GenerationAsync();
        var before = (await clerk.RunsAsync()).Select(IdOf).ToHashSet();
        using var chat = clerk.System.Start("chat", "clerk", shift, "--new", "--wait");
        var told = chat.StandardOutput.ReadToEndAsync();
        var complained = chat.StandardError.ReadToEndAsync();
        var approving = clerk.ApproveUntilAsync(() => chat.HasExited);
        await Task.Delay(after);
        victim.Kill(clerk.System.DaemonProcessId);
        if (victim.IsDaemon)
        {
            await clerk.System.RestartAsync();
        }
        await approving;
        await chat.WaitForExitAsync();
        var runs = (await clerk.EndedRunsAsync()).Where(r => !before.Contains(IdOf(r))).ToList();
        output.WriteLine($"round {round}: killed {victim.Name} after {after.TotalMilliseconds:0} ms: {(runs.Count == 0 ? "no run was accepted" : runs[0]["state"])}");
        output.WriteLine(await told + await complained);
        Assert.True(runs.Count <= 1, $"one message became {runs.Count} runs");
        var log = runs.Count == 0 ? [] : (await clerk.System.JsonAsync("audit", "list", "--run", IdOf(runs[0]), "--limit", "1000")).AsArray();
        var writes = WriteCall.AllOf(log);
        writes.Of("append", 0).MustHaveHappened(clerk.Lines($"{shift} opened"), tally);
        writes.Of("append", 1).MustHaveHappened(clerk.Lines($"{shift} closed"), tally);
        writes.Of("restart", 0).MustHaveHappened(await clerk.GenerationAsync() - generation, tally);
    }

    private static string IdOf(JsonNode run) => (string)run["runId"]!;
}
