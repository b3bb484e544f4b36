using Castellan.Cli.Demo.Evil;

namespace Castellan.Cli.Tests.Demo;

/// <summary>The demo of attacks can fail: it holds nothing for held that was not checked, and forgets no fault.</summary>
public sealed class AttackVerdictTests
{
    private readonly AttackVerdict _verdict = new(1, "It calls a tool server past the gateway");

    [Fact]
    public void Verdict_WhenNothingWasChecked_IsNotHeld() => Assert.False(_verdict.Held);

    [Fact]
    public void Verdict_WhenEverythingWasSo_IsHeld()
    {
        _verdict.Expect(true, "");
        Assert.True(_verdict.Held);
    }

    [Fact]
    public void Verdict_WhenOneAttemptGotThrough_IsNotHeldWhateverElseWas()
    {
        _verdict.Expect(true, "");
        _verdict.Expect(false, "the tool server answered");
        _verdict.Expect(true, "");
        Assert.False(_verdict.Held);
        Assert.Equal(["the tool server answered"], _verdict.Faults);
    }
}
