using System.Text.Json;
using System.Text.RegularExpressions;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cel;
using Castellan.KubeApi;
using YamlDotNet.Serialization;

namespace Castellan.Policy.Tests.Decisions;

/// <summary>docs/policy.md: its samples compile, its table of variables is complete.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "policy.md"));

    [Fact]
    public void Expressions_WhenCompiled_HaveNoFault()
    {
        var samples = Samples("cel");

        Assert.True(samples.Count >= 8);
        Assert.All(samples, s => CallVocabulary.Environment.Compile(s, CelType.Bool));
    }

    [Fact]
    public void Policy_WhenCompiled_DecidesAsDescribed()
    {
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(Assert.Single(Samples("yaml"), s => s.StartsWith("apiVersion:", StringComparison.Ordinal)));
        var policy = JsonSerializer.SerializeToElement(yaml).Deserialize<AgentPolicy>(KubeJson.Options)!;

        var set = Given.Set(policy);

        Assert.Empty(set.Faults);
        Assert.Equal("look", set.Decide(Given.Call("list") with { Effect = ToolEffect.Read }).Rule);
        Assert.Equal(("change-with-approval", 900), (set.Decide(Given.Call()).Rule, set.Decide(Given.Call()).ExpiresAfterSeconds));
        Assert.Equal("never-in-kube-system", set.Decide(Given.Call(arguments: """{"namespace":"kube-system"}""")).Rule);
        Assert.Equal(DecisionEffect.Deny, set.Decide(Given.Call() with { Effect = ToolEffect.Destructive }).Effect);
    }

    [Fact]
    public void Variables_WhenListed_AreAllThereAreWithTheirTypes()
    {
        var listed = Row().Matches(Text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        CelType[] objects = [CallVocabulary.Call, CallVocabulary.Principal, CallVocabulary.OnBehalfOf, CallVocabulary.Agent, CallVocabulary.Model];
        var declared = objects.SelectMany(o => o.Fields.Select(f => ($"{o.Name}.{f.Name}", f.Type.ToString()))).Append(("now", "timestamp"));

        Assert.Equal(declared.OrderBy(d => d.Item1), listed.Select(l => (l.Key, l.Value)).OrderBy(l => l.Key));
    }

    private static List<string> Samples(string language) =>
        [.. Fence().Matches(Text).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value)];

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\| `([a-zA-Z.]+)` \| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
