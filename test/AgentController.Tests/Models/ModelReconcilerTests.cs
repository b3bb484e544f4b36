using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Tests.Cluster;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Models;

[Trait("tier", "real-kubernetes")]
public sealed class ModelReconcilerTests : IAsyncLifetime
{
    private OperatorCluster cluster = null!;

    public async Task InitializeAsync() => cluster = await OperatorCluster.StartAsync();

    public async Task DisposeAsync() => await cluster.DisposeAsync();

    [Fact]
    public async Task Reconcile_WhenTheRunbookDoesNotCompile_SaysWhereAndRecovers()
    {
        await cluster.CreateAsync(Given.Model(ready: null, with: s => s.Runbook = Given.Runbook("{{ nowhere }}")));
        var fault = await cluster.ReadyAsync<ModelConfig>("procedure", "RunbookInvalid");
        Assert.Contains("spec.runbook.procedures[0].findings[0].text", fault.Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", fault.Message, StringComparison.Ordinal);

        await cluster.Kube.PatchAsync<ModelConfig>(cluster.Key("procedure"), KubePatch.Merge(new { spec = new { runbook = Given.Runbook() } }), ct: cluster.Deadline);
        Assert.Equal("True", (await cluster.ReadyAsync<ModelConfig>("procedure", "Ready")).Status);
    }

    [Fact]
    public async Task Reconcile_WhenAKeyIsNamed_LooksForTheSecret()
    {
        await cluster.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = "keys" }, Data = new Dictionary<string, byte[]> { ["openai"] = "sk-test"u8.ToArray() } });
        await cluster.CreateAsync(Model("here", "keys", "openai"));
        await cluster.CreateAsync(Model("elsewhere", "absent", "openai"));
        await cluster.CreateAsync(Model("other-key", "keys", "anthropic"));
        await cluster.ReadyAsync<ModelConfig>("here", "Ready");
        await cluster.ReadyAsync<ModelConfig>("elsewhere", "SecretNotFound");
        var fault = await cluster.ReadyAsync<ModelConfig>("other-key", "SecretKeyNotFound");
        Assert.DoesNotContain("sk-test", fault.Message, StringComparison.Ordinal);
    }

    private static ModelConfig Model(string name, string secret, string key) => Given.Model(
        name, ready: null, with: s => (s.Provider, s.Runbook, s.ApiKey) = (ModelProvider.OpenAI, null, new SecretKeyReference { Name = secret, Key = key }));
}
