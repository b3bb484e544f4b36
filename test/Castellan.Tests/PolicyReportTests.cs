using System.Text.Json.Nodes;
using Castellan.Cli.Policies;
using Castellan.GatewayApi;

namespace Castellan.Cli.Tests;

public sealed class PolicyReportTests
{
    [Fact]
    public void Add_WhenDecisionsWouldHaveBeenOthers_CountsThemByRule()
    {
        var report = new PolicyReport();
        report.Add(Entry("c1", "Allow", null));
        report.Add(Entry("c2", "Allow", Would("Deny", "strict")));
        report.Add(Entry("c3", "Allow", Would("Deny", "strict")));
        report.Add(Entry("c4", "Deny", Would("Allow", "open")));
        report.Add(Entry("c4", "Deny", Would("Allow", "open")) with { Stage = "completed" });

        Assert.Equal([("strict", "Deny", "Allow", 2, "c3"), ("open", "Allow", "Deny", 1, "c4")], report.Lines.Select(l => (l.Rule, l.Would, l.InsteadOf, l.Calls, l.LastCall)));
    }

    private static JsonObject Would(string decision, string rule) => new() { ["decision"] = decision, ["rule"] = rule, ["policy"] = "default/audited" };

    private static AuditEntry Entry(string call, string decision, JsonObject? would) => new()
    {
        Sequence = 1,
        Time = DateTimeOffset.UnixEpoch,
        Stage = "decided",
        Kind = "tool",
        CallId = call,
        Decision = decision,
        PreviousHash = "",
        Hash = "",
        Record = new JsonObject { ["why"] = new JsonObject { ["ifEnforced"] = would } },
    };
}
