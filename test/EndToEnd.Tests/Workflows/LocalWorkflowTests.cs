using System.Text.Json.Nodes;

namespace Castellan.EndToEnd.Tests.Workflows;

/// <summary>The workflows of the local system, as its operator sees and steers them.</summary>
public sealed class LocalWorkflowTests
{
    [Fact]
    public async Task Workflows_WhenARunWaits_AreSeenSteeredAndOnRecord()
    {
        await using var system = await LocalSystem.StartAsync();
        await system.ApplyTriageAsync();
        (await system.RunAsync("chat", "triage", "fix it")).Must(4);
        var call = (string)(await system.PendingApprovalAsync())["callId"]!;

        var run = Assert.Single((await system.JsonAsync("workflows", "list", "--hub", "triage", "--status", "Running")).AsArray())!;
        Assert.Equal(("AgentRun", "spiffe://castellan.local/ns/default/sa/agent-triage"), ((string?)run["name"], (string?)run["hub"]));
        var id = (string)run["instanceId"]!;
        Assert.Contains((await system.JsonAsync("workflows", "list")).AsArray(), w => (string?)w!["instanceId"] == call && (string?)w["hub"] == "gateway");
        var told = (await system.RunAsync("workflows", "history", id)).MustSucceed().Output;
        Assert.Matches(@"activity +CallTool", told);

        // What decides and records calls is not to be touched; nor is anything by those who may only look or approve.
        Assert.Contains("read-only", (await system.RunAsync("workflows", "terminate", call)).Must(1).Errors, StringComparison.Ordinal);
        Assert.Contains("may not get workflows", (await system.RunAsync("workflows", "list", "--as", "approver")).Must(1).Errors, StringComparison.Ordinal);
        Assert.Contains("may not update workflows", (await system.RunAsync("workflows", "terminate", id, "--as", "approver")).Must(1).Errors, StringComparison.Ordinal);
        Assert.Contains("there is no hub", (await system.RunAsync("workflows", "list", "--hub", "nobody")).Must(1).Errors, StringComparison.Ordinal);

        (await system.RunAsync("workflows", "suspend", id)).MustSucceed();
        Assert.Equal("Suspended", (string?)(await system.JsonAsync("workflows", "get", id))["status"]);
        (await system.RunAsync("workflows", "resume", id)).MustSucceed();
        (await system.RunAsync("workflows", "terminate", id, "--reason", "not today")).MustSucceed();
        (await system.RunAsync("runs", "follow", id)).Must(1);
        Assert.Equal("Terminated", (string?)(await system.JsonAsync("runs", "list"))[0]!["state"]);
        Assert.Contains("1 purged", (await system.RunAsync("workflows", "purge", id)).MustSucceed().Output, StringComparison.Ordinal);

        var records = (await system.JsonAsync("audit", "list", "--run", id, "--limit", "1000")).AsArray().Where(r => (string?)r!["kind"] == "workflow").ToList();
        Assert.Equal(["suspend", "resume", "terminate", "purge"], records.Where(r => (string?)r!["stage"] == "intent").Select(r => ((string)r!["record"]!["what"]!["method"]!).ToLowerInvariant()));
        Assert.All(records, r => Assert.Equal("you", (string?)r!["principal"]));
        (await system.RunAsync("audit", "verify")).MustSucceed();
    }
}
