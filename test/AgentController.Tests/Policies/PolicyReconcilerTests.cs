using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Tests.Cluster;
using Castellan.KubeApi;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Policies;

[Trait("tier", "real-kubernetes")]
public sealed class PolicyReconcilerTests : IAsyncLifetime
{
    private OperatorCluster cluster = null!;

    public async Task InitializeAsync() => cluster = await OperatorCluster.StartAsync();

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task Reconcile_WhenARuleDoesNotCompile_SaysWhereAndKeepsTheCountOfThoseInForce()
    {
        await cluster.CreateAsync(Policy("call.tool == 'get'"));
        await cluster.ReadyAsync<AgentPolicy>("reads", "Ready");
        Assert.Equal(1, (await cluster.GetAsync<AgentPolicy>("reads")).Status!.RuleCount);

        await cluster.Kube.PatchAsync<AgentPolicy>(cluster.Key("reads"), KubePatch.Merge(new { spec = new { Policy("call.tool ==").Spec.Rules } }), ct: cluster.Deadline);
        var fault = await cluster.ReadyAsync<AgentPolicy>("reads", "PolicyInvalid");
        Assert.Contains("rule read, at 1:", fault.Message, StringComparison.Ordinal);
        Assert.Contains("the 1 rules that compiled last stay in force", fault.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await cluster.GetAsync<AgentPolicy>("reads")).Status!.RuleCount);
    }

    private static AgentPolicy Policy(string when) => new()
    {
        Metadata = new ObjectMeta { Name = "reads" },
        Spec = new AgentPolicySpec
        {
            Subjects = new PolicySubjects { Agents = ["*"] },
            Rules = [new PolicyRule { Name = "read", Effect = PolicyEffect.Allow, When = when }],
        },
    };
}
