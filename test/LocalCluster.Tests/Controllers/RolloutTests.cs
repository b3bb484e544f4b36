using Castellan.KubeApi.Apps;
using Castellan.LocalCluster.Controllers.Deployments;

namespace Castellan.LocalCluster.Tests.Controllers;

public sealed class RolloutTests
{
    // wanted, surge, unavailable, new (replicas/available), old (replicas/available) -> the step
    [Theory]
    [InlineData(1, "25%", "25%", "0/0", "1/1", "new=1")] // one more first: nobody is missed
    [InlineData(1, "25%", "25%", "1/0", "1/1", "")] // waits for the new one
    [InlineData(1, "25%", "25%", "1/1", "1/1", "old=0")]
    [InlineData(1, "25%", "25%", "1/0", "1/0", "")] // while the new one is not up, it counts as the missing one
    [InlineData(4, "25%", "25%", "1/0", "4/2", "old=3")] // what does not work goes first
    [InlineData(4, "25%", "25%", "0/0", "4/4", "new=1")]
    [InlineData(4, "25%", "25%", "1/0", "4/4", "old=3")]
    [InlineData(4, "25%", "25%", "2/1", "3/3", "old=2")]
    [InlineData(3, "0", "1", "0/0", "3/3", "old=2")]
    [InlineData(3, "0", "1", "0/0", "2/2", "new=1")]
    [InlineData(3, "0", "0", "0/0", "3/3", "old=2")] // both zero could never move
    [InlineData(2, "25%", "25%", "3/3", "0/0", "new=2")]
    [InlineData(0, "25%", "25%", "0/0", "2/2", "old=0")]
    public void Next_WhenRolling_StaysWithinBounds(int wanted, string surge, string unavailable, string current, string old, string expected)
    {
        var spec = new DeploymentSpec
        {
            Replicas = wanted,
            Strategy = new DeploymentStrategy { RollingUpdate = new RollingUpdate { MaxSurge = Share(surge), MaxUnavailable = Share(unavailable) } },
        };

        var steps = Rollout.Next(spec, Set("new", current), [Set("old", old)], oldPodsExist: false);

        Assert.Equal(expected, string.Join(',', steps.Select(s => $"{s.Name}={s.Replicas}")));
    }

    [Theory]
    [InlineData(0, 2, true, "old=0")]
    [InlineData(0, 0, true, "")] // waits for the last old pod to go
    [InlineData(0, 0, false, "new=2")]
    public void Next_WhenRecreating_EndsTheOldFirst(int current, int old, bool oldPods, string expected)
    {
        var spec = new DeploymentSpec { Replicas = 2, Strategy = new DeploymentStrategy { Type = "Recreate" } };

        var steps = Rollout.Next(spec, new RolloutSet("new", current, 0), [new RolloutSet("old", old, old)], oldPods);

        Assert.Equal(expected, string.Join(',', steps.Select(s => $"{s.Name}={s.Replicas}")));
    }

    private static KubeApi.IntOrString Share(string text) => int.TryParse(text, out var number) ? number : text;

    private static RolloutSet Set(string name, string counts) => new(name, int.Parse(counts.Split('/')[0]), int.Parse(counts.Split('/')[1]));
}
