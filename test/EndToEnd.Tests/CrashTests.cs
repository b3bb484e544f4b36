using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Castellan.EndToEnd.Tests;

/// <summary>Kill -9 of any process at any moment in a run: every run ends, each write happened once or is reported, the log verifies.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int FewRounds = 3, ManyRounds = 20;

    /// <summary>The same kills at the same moments in every run, unless CASTELLAN_SEED says otherwise.</summary>
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("CASTELLAN_SEED") ?? "20261121", CultureInfo.InvariantCulture);

    [Fact]
    public Task Run_WhenAProcessIsKilledAtARandomMoment_EndsAndWritesAtMostOnce() => KillAsync(FewRounds);

    [Fact]
    [Trait("tier", "soak")]
    public Task Run_WhenProcessesAreKilledManyTimes_EndsAndWritesAtMostOnce() => KillAsync(ManyRounds);

    private async Task KillAsync(int rounds)
    {
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}, {rounds} rounds");
        await using var system = await LocalSystem.StartAsync();
        await system.ApplyTriageAsync();
        for (var round = 0; round < rounds; round++)
        {
            await RoundAsync(system, (Victim)random.Next(3), TimeSpan.FromMilliseconds(random.Next(0, 1500)), round);
        }
        (await system.RunAsync("audit", "verify")).MustSucceed();
    }

    private enum Victim
    {
        Daemon,
        AgentPod,
        ToolServerPod,
    }

    private async Task RoundAsync(LocalSystem system, Victim victim, TimeSpan after, int round)
    {
        (await system.RunAsync("apply", "-f", "examples/01-sre-triage", "--wait")).MustSucceed(); // broken again
        var before = (await RunsAsync(system)).Select(IdOf).ToHashSet();
        using var chat = system.Start("chat", "triage", "fix it", "--new", "--wait");
        var told = chat.StandardOutput.ReadToEndAsync();
        var complained = chat.StandardError.ReadToEndAsync();
        await Task.Delay(after);
        Kill(system, victim);
        if (victim == Victim.Daemon)
        {
            await system.RestartAsync();
        }
        await ApproveWhenAskedAsync(system, chat);
        var runs = (await EndedRunsAsync(system)).Where(r => !before.Contains(IdOf(r))).ToList();
        output.WriteLine($"round {round}: killed {victim} after {after.TotalMilliseconds:0} ms: {(runs.Count == 0 ? "no run was accepted" : runs[0]["state"])}");
        foreach (var run in runs)
        {
            AssertWrittenAtMostOnce((await system.JsonAsync("audit", "list", "--run", IdOf(run), "--limit", "1000")).AsArray());
        }
        if (!chat.HasExited)
        {
            chat.Kill();
        }
        output.WriteLine(await told + await complained);
    }

    private static string IdOf(JsonNode run) => (string)run["runId"]!;

    private static async Task<List<JsonNode>> RunsAsync(LocalSystem system) => [.. (await system.JsonAsync("runs", "list")).AsArray().Select(r => r!)];

    private static async Task ApproveWhenAskedAsync(LocalSystem system, Process chat)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!deadline.IsCancellationRequested)
        {
            var pending = await system.RunAsync("approvals", "list", "-o", "json");
            if (pending.ExitCode == 0 && JsonNode.Parse(pending.Output)!.AsArray() is [{ } first, ..])
            {
                var approved = await system.RunAsync("approve", (string)first["callId"]!, "--as", "approver");
                if (approved.ExitCode == 0)
                {
                    return;
                }
            }
            if (chat.HasExited && pending.ExitCode == 0)
            {
                return; // it ended without asking: refused, failed or unknown, which the audit says
            }
            await Task.Delay(100, deadline.Token);
        }
    }

    private static async Task<List<JsonNode>> EndedRunsAsync(LocalSystem system)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var runs = await RunsAsync(system);
            if (runs.All(r => (string)r["state"]! != "Running"))
            {
                return runs;
            }
            Assert.False(deadline.IsCancellationRequested, $"a run did not end: {string.Join('\n', runs.Select(r => r.ToJsonString()))}");
            await Task.Delay(200);
        }
    }

    private static void AssertWrittenAtMostOnce(JsonArray entries)
    {
        foreach (var call in entries.Where(e => e!["effect"]?.ToString() is "Write" or "Destructive").GroupBy(e => e!["callId"]?.ToString()))
        {
            var intents = call.Count(e => (string)e!["stage"]! == "intent");
            var outcomes = call.Where(e => (string)e!["stage"]! == "completed").Select(e => (string?)e!["state"]).ToList();
            Assert.True(intents <= 1, $"call {call.Key} was begun {intents} times");
            Assert.True(intents == 0 || outcomes.Count == 1, $"call {call.Key} has {outcomes.Count} outcomes");
        }
    }

    private static void Kill(LocalSystem system, Victim victim)
    {
        var pids = victim switch
        {
            Victim.Daemon => [system.DaemonProcessId],
            Victim.AgentPod => ChildrenOf(system.DaemonProcessId, "AgentRuntime"),
            _ => ChildrenOf(system.DaemonProcessId, "McpServers"),
        };
        foreach (var pid in pids)
        {
            Process.Start("kill", ["-9", $"{pid}"]).WaitForExit();
        }
    }

    private static List<int> ChildrenOf(int parent, string program) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!, CultureInfo.InvariantCulture))
            .Where(pid => ReadOrEmpty($"/proc/{pid}/cmdline").Contains(program, StringComparison.Ordinal) && IsDescendant(pid, parent)),
    ];

    private static bool IsDescendant(int pid, int ancestor)
    {
        while (pid > 1)
        {
            var stat = ReadOrEmpty($"/proc/{pid}/stat");
            if (stat.Length == 0)
            {
                return false;
            }
            pid = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            if (pid == ancestor)
            {
                return true;
            }
        }
        return false;
    }

    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // it ended meanwhile
        }
    }
}
