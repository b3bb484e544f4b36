using Castellan.KubeApi;

namespace Castellan.AgentApi.Tests;

public sealed class ConditionsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, 750, TimeSpan.Zero);

    [Fact]
    public void Next_WhenThereWasNone_TakesTheTimeInWholeSeconds()
    {
        var condition = Conditions.Next(null, "Ready", Verdict.No("ModelNotFound", "no ModelConfig x"), 3, Noon);
        Assert.Equal(("False", "ModelNotFound", 3L), (condition.Status, condition.Reason, condition.ObservedGeneration));
        Assert.Equal(new DateTime(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc), condition.LastTransitionTime);
    }

    [Fact]
    public void Next_WhenOnlyTheReasonChanges_KeepsTheTime()
    {
        var before = Conditions.Next(null, "Ready", Verdict.No("A", ""), 1, Noon);
        var after = Conditions.Next([before], "Ready", Verdict.No("B", ""), 2, Noon.AddHours(1));
        Assert.Equal((before.LastTransitionTime, "B"), (after.LastTransitionTime, after.Reason));
    }

    [Fact]
    public void Next_WhenTheStatusChanges_MovesTheTime()
    {
        Condition before = Conditions.Next(null, "Ready", Verdict.No("A", ""), 1, Noon);
        Assert.Equal(before.LastTransitionTime.AddHours(1), Conditions.Next([before], "Ready", Verdict.Yes("Ready", ""), 1, Noon.AddHours(1)).LastTransitionTime);
    }
}
