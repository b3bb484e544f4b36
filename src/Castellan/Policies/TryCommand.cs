using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Castellan.Policy;
using DecisionEffect = Castellan.Policy.DecisionEffect;

namespace Castellan.Cli.Policies;

/// <summary><c>castellan policy test</c>: what policies would say to one call, and what each rule says to it.</summary>
internal static class TryCommand
{
    public static Command Create()
    {
        var files = new Option<string[]>("--file", "-f") { Description = "Manifests with AgentPolicies; a file, a folder or - ; may be repeated.", HelpName = "PATH", Required = true };
        var call = new Option<string>("--call", "-c") { Description = "The call, as JSON or YAML; - is standard input.", HelpName = "FILE", Required = true };
        var command = ExampleHelp.With(new Command("test", "Decide on a call without a cluster. Exits with 0 when it passes, 3 when it is denied, 4 when it waits for an approval or a confirmation.") { files, call, GlobalOptions.Output },
            "castellan policy test -f policy.yaml --call call.json",
            """echo '{"call": {"server": "cluster", "tool": "scale", "args": {"replicas": 9}}, "agent": {"name": "triage"}}' | castellan policy test -f policy.yaml --call -""");
        command.SetBody(async (parsed, ct) =>
        {
            var set = await PolicyFiles.CompileAsync(parsed.GetValue(files)!, ct);
            return Show(Console.Out, set, await CallDocument.LoadAsync(parsed.GetValue(call)!, ct), parsed.GetValue(GlobalOptions.Output), ct);
        });
        return command;
    }

    private static int Show(TextWriter output, PolicySet set, CallContext call, OutputFormat format, CancellationToken ct)
    {
        var decision = set.Decide(call, ct);
        var rules = TraceOf(set, call, ct);
        if (!ResultWriter.TryWriteDocument(output, format, () => new JsonObject { ["decision"] = JsonSerializer.SerializeToNode(decision, GatewayJson.Options), ["rules"] = JsonSerializer.SerializeToNode(rules, GatewayJson.Options) }))
        {
            output.WriteLine(ResultWriter.Printable($"{decision.Effect}: {decision.Reason}"));
            foreach (var demand in decision.Demands)
            {
                output.WriteLine(ResultWriter.Printable($"  rule '{demand.Rule}' asks for {(demand.Kind == ApprovalKind.Confirmation ? "a confirmation by the person it is for" : $"{demand.Quorum} approval(s) by {Named(demand)}")}"));
            }
            if (rules.Count > 0)
            {
                output.WriteLine();
                ResultWriter.WriteTable(output, ["POLICY", "RULE", "EFFECT", "OUTCOME", "PROBLEM"], rules.Select(r => (string[])[r.Policy, r.Rule, r.Effect.ToString(), r.Outcome.ToString(), r.Problem ?? ""]));
            }
        }
        return decision.Effect switch
        {
            DecisionEffect.Allow => ExitCode.Success,
            DecisionEffect.RequireApproval or DecisionEffect.RequireConfirmation => ExitCode.AwaitingApproval,
            _ => ExitCode.Refused,
        };
    }

    private static string Named(Castellan.Policy.ApprovalDemand demand) =>
        string.Join(", ", demand.Users.Concat(demand.Groups.Select(g => $"group {g}")).DefaultIfEmpty("anybody")) + (demand.When is null ? "" : $" where {demand.When}");

    private static IReadOnlyList<RuleTrace> TraceOf(PolicySet set, CallContext call, CancellationToken ct)
    {
        try
        {
            return set.Trace(call, ct);
        }
        catch (FormatException)
        {
            return []; // the decision says what is wrong with the arguments; no rule was asked
        }
    }
}
