using System.Text.Json.Nodes;

namespace Castellan.EndToEnd.Tests;

/// <summary>What must not happen, does not, and is on record.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task Fix_WhenApprovedByTheRequester_StaysPendingAndTheAttemptIsOnRecord()
    {
        await using var system = await LocalSystem.StartAsync();
        await system.ApplyTriageAsync();
        (await system.RunAsync("chat", "triage", "fix it")).Must(4);
        var call = (string)(await system.PendingApprovalAsync())["callId"]!;

        var own = (await system.RunAsync("approve", call)).Must(1);
        Assert.DoesNotContain("Approved", own.Output, StringComparison.Ordinal);
        await system.PendingApprovalAsync();

        (await system.RunAsync("refuse", call, "--as", "approver")).MustSucceed();
        var follow = await system.RunAsync("runs", "follow", (string)(await system.JsonAsync("runs", "list"))[0]!["runId"]!);
        Assert.Contains("refused", follow.Output, StringComparison.Ordinal);

        var stages = Stages(await system.JsonAsync("audit", "list", "--call", call));
        Assert.Contains("refused", stages);
        Assert.DoesNotContain("intent", stages);
        Assert.Contains("PAYMENT_URL", (await system.RunAsync("get", "deployment", "checkout", "-n", "shop", "-o", "yaml")).Output, StringComparison.Ordinal);
        (await system.RunAsync("audit", "verify")).MustSucceed();
    }

    private static List<string> Stages(JsonNode entries) => [.. entries.AsArray().Select(e => (string)e!["stage"]!)];
}
