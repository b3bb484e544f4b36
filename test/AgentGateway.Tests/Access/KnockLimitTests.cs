using Castellan.AgentGateway.Access;
using Castellan.Testing;

namespace Castellan.AgentGateway.Tests.Access;

public sealed class KnockLimitTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Limit_WhenOneKindKnocksWithoutEnd_WritesSomeAMinuteAndCountsTheRest()
    {
        var limit = new KnockLimit(_clock);
        Assert.All(Enumerable.Range(0, KnockLimit.MostAMinute), _ => Assert.Equal(0, limit.Admit("evil", 1)));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Null(limit.Admit("evil", 2)));

        Assert.Equal(0, limit.Admit("other", 1)); // one who is loud does not hide another

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, limit.Admit("evil", 1));
        Assert.Equal(0, limit.Admit("evil", 1));
    }

    [Fact]
    public void Limit_WhenKindsAreInvented_ForgetsThemButNotTheirNumber()
    {
        var limit = new KnockLimit(_clock);
        for (var i = 0; i <= KnockLimit.MostAMinute; i++)
        {
            limit.Admit("evil", 1);
        }

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, Enumerable.Range(0, 5000).Sum(i => limit.Admit($"kind {i}", 1)));
    }
}
