using Castellan.LocalCluster.Kubelet.Pods;

namespace Castellan.LocalCluster.Tests.Kubelet;

public sealed class ContainerEnvironmentTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)$(B)y", "x12y")]
    [InlineData("$(NONE)", "$(NONE)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$A", "$A")]
    [InlineData("$(A", "$(A")]
    [InlineData("cost: 5$", "cost: 5$")]
    public void Expand_WhenTextRefersToVariables_FollowsTheRules(string text, string expected) =>
        Assert.Equal(expected, ContainerEnvironment.Expand(text, new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }));
}
