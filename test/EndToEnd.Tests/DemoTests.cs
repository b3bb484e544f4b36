namespace Castellan.EndToEnd.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task Demo_WhenRunFromNothing_DiagnosesWaitsForApprovalFixesAndVerifies()
    {
        var system = LocalSystem.New();
        var demo = (await system.RunAsync("demo")).MustSucceed();

        Assert.Contains("exit code 78", demo.Output, StringComparison.Ordinal);
        Assert.Contains("FATAL config: PAYMENTS_URL is not set", demo.Output, StringComparison.Ordinal);
        Assert.Contains("BackOff", demo.Output, StringComparison.Ordinal);
        Assert.Contains("waits for approval", demo.Output, StringComparison.Ordinal);
        Assert.Matches(@"checkout-\S+\s+1/1\s+Running", demo.Output);
        Assert.Contains("unbroken", demo.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(system.State), "the demo left files behind");
    }

    [Fact]
    public async Task EvilDemo_WhenAnAgentAttacks_RefusesEveryAttackAndHasItOnRecord()
    {
        var system = LocalSystem.New();
        var demo = (await system.RunAsync("demo", "--evil")).MustSucceed();

        Assert.DoesNotContain("NOT HELD", demo.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n(\d+) of \1 attacks failed\.", demo.Output);
        Assert.False(Directory.Exists(system.State), "the demo left files behind");
    }
}
