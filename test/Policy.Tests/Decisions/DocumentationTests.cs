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
        var set = Given.Set(Sample<AgentPolicy>("apiVersion: castellan.dev/v1alpha1\nkind: AgentPolicy"));

        Assert.Empty(set.Faults);
        Assert.Equal("look", set.Decide(Given.Call("list") with { Effect = ToolEffect.Read }).Rule);
        Assert.Equal(("change-with-approval", 900), (set.Decide(Given.Call()).Rule, set.Decide(Given.Call()).ExpiresAfterSeconds));
        Assert.Equal("never-in-kube-system", set.Decide(Given.Call(arguments: """{"namespace":"kube-system"}""")).Rule);
        Assert.Equal(DecisionEffect.Deny, set.Decide(Given.Call() with { Effect = ToolEffect.Destructive }).Effect);
    }

    [Fact]
    public void ClusterPolicy_WhenCompiled_DecidesAsDescribed()
    {
        var set = PolicySet.Compile([], [Sample<ClusterAgentPolicy>("apiVersion: castellan.dev/v1alpha1\nkind: ClusterAgentPolicy")]);

        Assert.Empty(set.Faults);
        Assert.Equal(2, Assert.Single(set.Decide(Given.Call() with { Effect = ToolEffect.Destructive }).Demands).Quorum);
    }

    [Fact]
    public void Budget_WhenRead_CanBeKept()
    {
        var budget = Budget.Of(Sample<AgentBudget>("apiVersion: castellan.dev/v1alpha1\nkind: AgentBudget"));

        Assert.Equal((null, new BudgetCaps(500, 2_000_000, 5_000_000)), (budget.Fault, budget.Caps));
        Assert.NotNull(TokenPrice.Of(new ModelConfigSpec { Provider = ModelProvider.OpenAI, Model = "m", Price = Sample<Dictionary<string, ModelPrice>>("price:")["price"] }));
    }

    [Fact]
    public void Rule_WhenItAsksForApproversByCondition_Compiles()
    {
        var rule = Sample<PolicyRule[]>("- name: two-of-the-owning-team");

        Assert.Empty(Given.Set(Given.Policy("p", rule)).Faults);
    }

    [Fact]
    public void Rules_WhenTheyLookIntoArguments_DecideAsDescribed()
    {
        var set = Given.Rules([Given.Allow(), .. Sample<PolicyRule[]>("- name: no-secrets-in-arguments")]);

        Assert.Empty(set.Faults);
        Assert.Equal("no-secrets-in-arguments", set.Decide(Given.Call(arguments: """{"env":{"password":"hunter2"}}""")).Rule);
        Assert.Equal("no-requests-into-our-networks", set.Decide(Given.Call(arguments: """{"url":"http://169.254.169.254/latest/meta-data"}""")).Rule);
        Assert.Equal(DecisionEffect.RequireConfirmation, set.Decide(Given.Call(arguments: """{"to":"alice@example.org"}""")).Effect);
        Assert.Equal(DecisionEffect.Allow, set.Decide(Given.Call()).Effect);
    }

    [Fact]
    public void Variables_WhenListed_AreAllThereAreWithTheirTypes()
    {
        var listed = Row().Matches(Text).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        CelType[] objects = [CallVocabulary.Call, CallVocabulary.Principal, CallVocabulary.OnBehalfOf, CallVocabulary.Agent, CallVocabulary.Model, CallVocabulary.Session, CallVocabulary.Budget];
        var declared = objects.SelectMany(o => o.Fields.Select(f => ($"{o.Name}.{f.Name}", f.Type.ToString()))).Append(("budgets", "map(string, budget)")).Append(("now", "timestamp"));

        Assert.Equal(declared.OrderBy(d => d.Item1), listed.Select(l => (l.Key, l.Value)).OrderBy(l => l.Key));
    }

    private static T Sample<T>(string start)
    {
        var text = Assert.Single(Samples("yaml"), s => s.ReplaceLineEndings("\n").StartsWith(start, StringComparison.Ordinal));
        var yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(text);
        return JsonSerializer.SerializeToElement(yaml).Deserialize<T>(KubeJson.Options)!;
    }

    private static List<string> Samples(string language) =>
        [.. Fence().Matches(Text).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value)];

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\| `([a-zA-Z.]+)` \| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
