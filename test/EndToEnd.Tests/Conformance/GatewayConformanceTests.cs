using Castellan.Testing;

namespace Castellan.EndToEnd.Tests.Conformance;

/// <summary>
/// The official conformance suite examines one tool server through the gateway, as a client without credentials that was pointed at
/// <c>castellan proxy</c>: docs/mcp-conformance.md says what cannot pass a gateway, and why.
/// </summary>
[Collection(nameof(ConformanceSystem))]
public sealed class GatewayConformanceTests(ConformanceSystem system)
{
    private static readonly Dictionary<string, string[]> CannotPass = new(StringComparer.Ordinal)
    {
        ["2025-11-25"] = ["resources-subscribe", "resources-unsubscribe"],
        ["2026-07-28"] = [],
    };

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Gateway_WhenTheSuiteExaminesAServerBehindIt_PassesEveryScenarioThatApplies(string revision)
    {
        var verdicts = await ConformanceSuite.ExamineServerAsync(system.Address, revision);

        Assert.Empty(verdicts.Where(v => !v.Passed && !v.IsExtension && !CannotPass[revision].Contains(v.Scenario)).Select(v => v.ToString()));
        Assert.Empty(verdicts.Where(v => v.Passed && CannotPass[revision].Contains(v.Scenario)).Select(v => $"{v.Scenario} passes now; take it out of the list here and in docs/mcp-conformance.md"));
    }
}
