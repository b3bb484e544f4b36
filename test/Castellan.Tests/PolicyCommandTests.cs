using Castellan.Testing;
using static Castellan.Cli.Tests.CommandLineRun;

namespace Castellan.Cli.Tests;

/// <summary><c>castellan policy</c> as a user sees it, without a cluster.</summary>
public sealed class PolicyCommandTests : IDisposable
{
    private const string Policy = """
        apiVersion: castellan.dev/v1alpha1
        kind: AgentPolicy
        metadata: {name: scaling}
        spec:
          subjects: {agents: [helper]}
          rules:
          - {name: few, effect: Allow, when: "call.tool == 'scale' && call.args.replicas <= 5"}
          - {name: many, effect: RequireApproval, when: "call.tool == 'scale' && call.args.replicas > 5", approvers: {users: [boss]}}
          - {name: never, effect: Deny, when: "call.args.?namespace.orValue('') == 'kube-system'"}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-policy-").FullName;

    public PolicyCommandTests() => Write("policy.yaml", Policy);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("""{"call": {"tool": "scale", "args": {"replicas": 3}}, "agent": {"name": "helper"}}""", 0, "Allow: rule 'few' of policy default/scaling allows it")]
    [InlineData("""{"call": {"tool": "scale", "args": {"replicas": 9}}, "agent": {"name": "helper"}}""", 4, "RequireApproval: rule 'many'")]
    [InlineData("""{"call": {"tool": "scale", "args": {"replicas": 3, "namespace": "kube-system"}}, "agent": {"name": "helper"}}""", 3, "Deny: rule 'never'")]
    [InlineData("""{"call": {"tool": "scale", "args": {}}, "agent": {"name": "helper"}}""", 3, "no such key: 'replicas'")]
    [InlineData("""{"call": {"tool": "list"}, "agent": {"name": "other"}}""", 3, "no policy in namespace 'default' covers agent default/other")]
    [InlineData("{call: {tool: list}, principal: {user: me}}", 3, "covers user 'me'")]
    public async Task Test_WhenACallIsGiven_SaysWhatPolicyWould(string call, int exitCode, string answer)
    {
        var (code, text) = await RunAsync("policy", "test", "-f", Write("policy.yaml", Policy), "--call", Write("call.json", call));
        Assert.Equal(exitCode, code);
        Assert.Contains(answer, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_WhenACallIsGiven_ShowsWhatEachRuleSays()
    {
        var call = Write("call.json", """{"call": {"tool": "scale", "args": {}}, "agent": {"name": "helper"}}""");
        var (_, text) = await RunAsync("policy", "test", "-f", _folder + "/policy.yaml", "--call", call);
        Assert.Contains("default/scaling   few     Allow             Fails          1:35: no such key: 'replicas'", text, StringComparison.Ordinal);
        Assert.Contains("default/scaling   never   Deny              DoesNotMatch", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"call": {"tol": "scale"}}""", "'tol'")]
    [InlineData("""{"call": {"effect": "Wriet"}, "agent": {"name": "a"}}""", "effect")]
    [InlineData("""{"call": {"tool": "scale"}}""", "does not say who calls")]
    [InlineData("[]", "cannot be read")]
    public async Task Test_WhenTheCallIsWrong_SaysWhatIs(string call, string message)
    {
        var (code, text) = await RunAsync("policy", "test", "-f", _folder + "/policy.yaml", "--call", Write("call.json", call));
        Assert.Equal(1, code);
        Assert.Contains(message, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_WhenAPolicyNamesAnUnknownField_IsRefusedWithThePosition()
    {
        var policy = Write("bad.yaml", Policy.Replace("call.tool == 'scale' && call.args.replicas <= 5", "call.tol == 'scale'", StringComparison.Ordinal));
        var (code, text) = await RunAsync("policy", "test", "-f", policy, "--call", Write("call.json", """{"agent": {"name": "helper"}}"""));
        Assert.Equal(1, code);
        Assert.Contains("policy default/scaling, rule few, at 1:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WhenTestsAreThoseOfTheExample_PassesAll()
    {
        var (code, text) = await RunAsync("policy", "verify", Path.Combine(Repository.Root, "examples", "01-sre-triage", "tests", "policy.test.yaml"));
        Assert.True(code == 0, text);
        Assert.Contains("6 passed, 0 failed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WhenATestFails_SaysWhatWasDecidedInstead()
    {
        var (code, text) = await RunAsync("policy", "verify", Write("a.test.yaml", """
            policies: [policy.yaml]
            given: {agent: {name: helper}, call: {tool: scale}}
            tests:
            - {name: nine pass, call: {args: {replicas: 9}}, expect: Allow}
            - {name: nine wait, call: {args: {replicas: 9}}, expect: {effect: RequireApproval, rule: many}}
            """));
        Assert.Equal(1, code);
        Assert.Contains("✗ nine pass", text, StringComparison.Ordinal);
        Assert.Contains("expected Allow, got RequireApproval: rule 'many' of policy default/scaling requires approval", text, StringComparison.Ordinal);
        Assert.Contains("1 passed, 1 failed", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tests: []", "no policies are named")]
    [InlineData("policies: [policy.yaml]", "there are no tests")]
    [InlineData("policies: [policy.yaml]\ntests: [{name: a, agent: {name: helper}}]", "does not say what to expect")]
    [InlineData("policies: [policy.yaml]\ntests: [{expect: Allow}]", "has no name")]
    [InlineData("policies: [policy.yaml]\ntests: [{name: a, expect: Allow, agnt: {name: x}}]", "'agnt'")]
    [InlineData("polices: [policy.yaml]", "'polices' is not known")]
    [InlineData("policies: [nowhere.yaml]\ntests: [{name: a, expect: Allow}]", "nowhere.yaml' does not exist")]
    public async Task Verify_WhenTheFileIsWrong_SaysWhatIs(string file, string message)
    {
        var (code, text) = await RunAsync("policy", "verify", Write("a.test.yaml", file));
        Assert.Equal(1, code);
        Assert.Contains(message, text, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
