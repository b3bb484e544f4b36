using System.Text.Json.Nodes;

namespace Castellan.EndToEnd.Tests;

/// <summary>The audit log as an auditor uses it: exported, proven, checked without the gateway, and caught when it was changed.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-auditor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Log_WhenExported_IsProvenWithoutTheGatewayAndShowsEveryChange()
    {
        await using var system = await LocalSystem.StartAsync();
        await system.ApplyTriageAsync();
        (await system.RunAsync("chat", "triage", "why is checkout failing?", "--wait")).MustSucceed();
        var first = (await system.RunAsync("audit", "verify")).MustSucceed();
        Assert.Contains("signed by castellan.local/audit", first.Output, StringComparison.Ordinal);

        var filtered = (await system.RunAsync("audit", "list", "--agent", "default/triage", "--user", "you", "--kind", "model", "--stage", "completed", "--since", "1h", "-o", "wide")).MustSucceed();
        Assert.Contains("triage", filtered.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("decided", filtered.Output, StringComparison.Ordinal);
        Assert.Single((await system.RunAsync("audit", "list", "--agent", "nobody")).MustSucceed().Output.TrimEnd().Split('\n'));

        var exported = (await system.RunAsync("audit", "export", Path.Combine(_folder, "log"))).MustSucceed();
        var key = exported.Output.Split('\n').Select(l => l.Trim()).Single(l => l.StartsWith("castellan.local/audit+", StringComparison.Ordinal));
        var lines = (await system.RunAsync("audit", "export", "--format", "jsonl")).MustSucceed().Output.TrimEnd().Split('\n');
        var ofTheAgent = (int)JsonNode.Parse(lines.First(l => l.Contains("triage", StringComparison.Ordinal)))!["sequence"]!;
        var proof = (await system.RunAsync("audit", "prove", $"{ofTheAgent}", "-o", "json")).MustSucceed().Output;
        await KeptByAWitnessAsync(system);
        using var following = system.Start("audit", "follow", "--after", $"{lines.Length}", "--kind", "run", "-o", "json");
        (await system.RunAsync("chat", "triage", "why is checkout failing?", "--wait")).MustSucceed();
        var grown = (await system.RunAsync("audit", "verify", "--checkpoint", Path.Combine(_folder, "log", "checkpoint"))).MustSucceed();
        await FollowsUntilInterruptedAsync(system, following);

        Assert.Contains("it continues the one over", grown.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, lines.Length), lines.Select(l => (int)JsonNode.Parse(l)!["sequence"]!));
        (await system.RunAsync("audit", "verify", "--offline", Path.Combine(_folder, "log"), "--key", key)).MustSucceed();
        await ProofHoldsUntilItIsChangedAsync(system, proof, key);
        await EveryChangeOfAnEntryIsSeenAsync(system, key);
    }

    private async Task KeptByAWitnessAsync(LocalSystem system)
    {
        var (kept, key) = (Path.Combine(_folder, "kept.checkpoint"), Path.Combine(_folder, "witness.key"));
        (await system.RunAsync("audit", "cosign", kept, "--key", key, "--name", "witness.test/w")).MustSucceed();
        var again = (await system.RunAsync("audit", "cosign", kept, "--key", key)).MustSucceed();
        var witness = again.Output.Split('\n').Select(l => l.Trim()).Single(l => l.StartsWith("witness.test/w+", StringComparison.Ordinal));
        (await system.RunAsync("audit", "verify", "--checkpoint", kept, "--witness", witness)).MustSucceed();
        var stranger = witness.Replace("witness.test/w", "witness.test/x", StringComparison.Ordinal);
        Assert.NotEqual(0, (await system.RunAsync("audit", "verify", "--checkpoint", kept, "--witness", stranger)).ExitCode);
    }

    /// <summary>The second run's records come live; then the gateway goes away, and Ctrl-C ends it.</summary>
    private static async Task FollowsUntilInterruptedAsync(LocalSystem system, System.Diagnostics.Process following)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var stages = new List<string>();
        while (stages.Count < 2)
        {
            stages.Add((string)JsonNode.Parse((await following.StandardOutput.ReadLineAsync(deadline.Token))!)!["stage"]!);
        }

        Assert.Equal(["received", "completed"], stages);
        (await system.RunAsync("down")).MustSucceed();
        Assert.Contains("the gateway is away", await following.StandardError.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
        using (var interrupt = System.Diagnostics.Process.Start("kill", ["-INT", $"{following.Id}"]))
        {
            await interrupt.WaitForExitAsync(deadline.Token);
        }

        await following.WaitForExitAsync(deadline.Token);
        Assert.Equal(130, following.ExitCode);
    }

    private async Task ProofHoldsUntilItIsChangedAsync(LocalSystem system, string proof, string key)
    {
        var file = Path.Combine(_folder, "record.proof");
        await File.WriteAllTextAsync(file, proof);
        (await system.RunAsync("audit", "prove", "--check", file, "--key", key)).MustSucceed();
        await File.WriteAllTextAsync(file, proof.Replace("triage", "mallory", StringComparison.Ordinal));
        var refused = (await system.RunAsync("audit", "prove", "--check", file, "--key", key)).Must(3);
        Assert.Contains("the proof does not hold", refused.Errors, StringComparison.Ordinal);
    }

    private async Task EveryChangeOfAnEntryIsSeenAsync(LocalSystem system, string key)
    {
        var bundle = Directory.EnumerateFiles(Path.Combine(_folder, "log", "tile", "entries"), "*", SearchOption.AllDirectories).First();
        var entries = await File.ReadAllBytesAsync(bundle);
        entries[entries.AsSpan().IndexOf("triage"u8)] ^= 1;
        await File.WriteAllBytesAsync(bundle, entries);
        var refused = (await system.RunAsync("audit", "verify", "--offline", Path.Combine(_folder, "log"), "--key", key)).Must(3);
        Assert.Contains("one of them was changed", refused.Output, StringComparison.Ordinal);
        (await system.RunAsync("audit", "verify", "--offline", Path.Combine(_folder, "log"))).Must(2);
    }
}
