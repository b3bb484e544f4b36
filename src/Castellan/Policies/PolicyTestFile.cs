using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.KubeClient;
using Castellan.Policy;

namespace Castellan.Cli.Policies;

/// <summary>
/// Unit tests of policies: <c>policies</c> (paths, from the file's folder), <c>given</c> (what all calls have in common) and <c>tests</c>, each a
/// call with a <c>name</c> and <c>expect</c>: an effect, or an object with <c>effect</c>, <c>policy</c> and <c>rule</c>.
/// </summary>
internal sealed class PolicyTestFile
{
    private static readonly string[] KnownMembers = ["policies", "given", "tests"];
    private static readonly string[] KnownExpectations = ["effect", "policy", "rule"];

    private readonly PolicySet _policies;
    private readonly IReadOnlyList<PolicyTest> _tests;

    private PolicyTestFile(PolicySet policies, IReadOnlyList<PolicyTest> tests)
    {
        _policies = policies;
        _tests = tests;
    }

    /// <exception cref="CommandFailure">The file or a policy cannot be read; says where and what.</exception>
    public static async Task<PolicyTestFile> LoadAsync(string file, CancellationToken ct)
    {
        var root = await ReadAsync(file, ct);
        if (root.Select(m => m.Key).FirstOrDefault(k => !KnownMembers.Contains(k)) is { } unknown)
        {
            throw new CommandFailure($"{file}: '{unknown}' is not known", $"use {string.Join(", ", KnownMembers)}");
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var paths = (root["policies"] as JsonArray ?? []).Select(p => Path.Combine(folder, TextOf(p) ?? throw Wrong(file, "policies must be a list of paths", "write policies: [policy.yaml]"))).ToList();
        if (paths.Count == 0)
        {
            throw Wrong(file, "no policies are named", "write policies: [policy.yaml], from the folder of this file");
        }
        if (root["tests"] is not JsonArray { Count: > 0 } tests)
        {
            throw Wrong(file, "there are no tests", "write tests: with a list of calls, each with name and expect");
        }
        var given = root["given"] as JsonObject ?? [];
        return new PolicyTestFile(await PolicyFiles.CompileAsync(paths, ct), [.. tests.Select((test, i) => ParseTest(test, given, $"{file}: test {i + 1}"))]);
    }

    /// <summary>Runs the tests.</summary>
    /// <returns>Name of each, and what is wrong; null when it passes.</returns>
    public IEnumerable<(string Name, string? Problem)> Run(CancellationToken ct) => _tests.Select(test => (test.Name, test.ProblemWith(_policies.Decide(test.Call, ct))));

    private static PolicyTest ParseTest(JsonNode? node, JsonObject given, string where)
    {
        if (node is not JsonObject test || TextOf(test["name"]) is not { Length: > 0 } name)
        {
            throw Wrong(where, "it has no name", "write name: what the test shows");
        }
        var expect = test["expect"] is JsonValue effect ? new JsonObject { ["effect"] = effect.DeepClone() } : test["expect"] as JsonObject;
        if (expect is null || expect.Any(m => !KnownExpectations.Contains(m.Key)) || !Enum.TryParse<DecisionEffect>(TextOf(expect["effect"]), ignoreCase: false, out var wanted))
        {
            throw Wrong($"{where}, '{name}'", "it does not say what to expect", "write expect: Allow, Deny or RequireApproval, or expect: {effect: …, policy: namespace/name, rule: …}");
        }
        var call = Merged(given, test);
        call.Remove("name");
        call.Remove("expect");
        return new PolicyTest(name, CallDocument.Parse(call, $"{where}, '{name}'"), wanted, TextOf(expect["policy"]), TextOf(expect["rule"]));
    }

    private static JsonObject Merged(JsonObject given, JsonObject own)
    {
        var merged = (JsonObject)given.DeepClone();
        foreach (var (key, value) in own)
        {
            merged[key] = merged[key] is JsonObject below && value is JsonObject above ? Merged(below, above) : value?.DeepClone();
        }
        return merged;
    }

    private static async Task<JsonObject> ReadAsync(string file, CancellationToken ct)
    {
        try
        {
            return KubeYaml.Parse(await File.ReadAllTextAsync(file, ct)) is [var one] ? one : throw Wrong(file, "it is not one YAML document", "write policies, given and tests in one document");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or KubeYamlException)
        {
            throw new CommandFailure($"{file} cannot be read: {error.Message}", "check the path and the YAML", inner: error);
        }
    }

    private static CommandFailure Wrong(string where, string problem, string remedy) => new($"{where}: {problem}", remedy);

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private sealed record PolicyTest(string Name, CallContext Call, DecisionEffect Effect, string? Policy, string? Rule)
    {
        public string? ProblemWith(Decision decision) =>
            decision.Effect == Effect && (Policy ?? decision.Policy) == decision.Policy && (Rule ?? decision.Rule) == decision.Rule
                ? null
                : $"expected {string.Join(" by ", new[] { Effect.ToString(), string.Join(" ", new[] { Policy, Rule }.OfType<string>()) }.Where(t => t.Length > 0))}, got {decision.Effect}: {decision.Reason}";
    }
}
