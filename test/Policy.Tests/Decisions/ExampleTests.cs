using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using YamlDotNet.Serialization;

namespace Castellan.Policy.Tests.Decisions;

/// <summary>The policies of examples/ compile and mean what they say.</summary>
public sealed class ExampleTests
{
    private static readonly IDeserializer Yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();

    [Fact]
    public void Policies_WhenCompiled_HaveNoFault()
    {
        var policies = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "examples"), "*.yaml", SearchOption.AllDirectories).SelectMany(Read).ToList();

        Assert.NotEmpty(policies);
        Assert.Empty(Given.Set([.. policies]).Faults);
    }

    [Theory]
    [InlineData("Secret", false)]
    [InlineData("secret", false)]
    [InlineData("secrets", false)]
    [InlineData("SECRETS.v1", false)]
    [InlineData("Pod", true)]
    [InlineData("secretproviderclasses", true)]
    public void SreTriage_WhenSecretsAreRead_DeniesEverySpelling(string kind, bool allowed)
    {
        var set = Given.Set([.. Read(Path.Combine(SourceTree.Root, "examples", "01-sre-triage", "40-agent.yaml"))]);

        var decision = set.Decide(Given.Call("get", JsonSerializer.Serialize(new { kind })) with { Effect = ToolEffect.Read });

        Assert.Equal(allowed ? DecisionEffect.Allow : DecisionEffect.Deny, decision.Effect);
    }

    private static IEnumerable<AgentPolicy> Read(string file) => File.ReadAllText(file).Split("\n---\n")
        .Select(d => JsonSerializer.SerializeToElement(Yaml.Deserialize(d)))
        .Where(d => d.ValueKind == JsonValueKind.Object && d.TryGetProperty("kind", out var kind) && kind.GetString() == "AgentPolicy")
        .Select(d => d.Deserialize<AgentPolicy>(KubeJson.Options)!);
}
