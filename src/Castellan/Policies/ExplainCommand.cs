using System.CommandLine;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.Access;
using Castellan.Cli.Audit;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.Policy;

namespace Castellan.Cli.Policies;

/// <summary><c>castellan policy explain</c>: the decision on a recorded call, with the rule that made it.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Id of a call, or sequence number of its record; 'castellan audit list' shows them." };
        var command = ExampleHelp.With(new Command("explain", "Why a call was allowed, denied or put up for approval.") { id }, "castellan policy explain CALL");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            using var cluster = ClusterAccess.Open(parsed);
            var entries = await gateway.Client.GetAuditAsync(parsed.GetValue(id)!, ct);
            var decided = entries.FirstOrDefault(e => e.Record["why"]?["policyRevision"] is not null)
                ?? throw new CommandFailure($"the audit log has no decision under '{parsed.GetValue(id)}'", "'castellan audit list' shows calls that were decided");
            AuditStory.Write(Console.Out, entries);
            await TellAsync(Console.Out, decided, cluster.Connection, ct);
            return ExitCode.Success;
        });
        return command;
    }

    // The decision is recorded, never computed again; the rule is shown as it is now, with a word on whether that is what decided.
    private static async Task TellAsync(TextWriter output, AuditEntry decided, KubeConnection kube, CancellationToken ct)
    {
        output.WriteLine();
        var why = decided.Record["why"]!;
        output.WriteLine(ResultWriter.Printable($"{decided.Decision}: {(string?)why["reason"]}"));
        if (why["ifEnforced"] is { } other)
        {
            output.WriteLine(ResultWriter.Printable($"If policies in audit mode were enforced: {(string?)other["decision"]}: {(string?)other["reason"]}"));
        }
        if ((string?)why["policy"] is not { } policy)
        {
            return;
        }
        if (decided.Rule is nameof(AgentBudget) or nameof(ClusterAgentBudget))
        {
            output.WriteLine("A budget, not a policy, denied it; 'castellan budgets' shows how it stands now.");
            return;
        }
        var policies = await kube.ListAsync<AgentPolicy>(null, ct: ct);
        var clusterPolicies = await kube.ListAsync<ClusterAgentPolicy>(null, ct: ct);
        var isUnchanged = PolicySet.Compile(policies.Items, clusterPolicies.Items).Revision == (string?)why["policyRevision"];
        var rules = policy.Split('/') is [var ns, var name]
            ? policies.Items.FirstOrDefault(p => p.Metadata.Namespace == ns && p.Metadata.Name == name)?.Spec.Rules
            : clusterPolicies.Items.FirstOrDefault(p => p.Metadata.Name == policy)?.Spec.Rules;
        var rule = rules?.FirstOrDefault(r => r.Name == decided.Rule);
        output.WriteLine(rule is null ? $"Rule '{decided.Rule}' of policy {policy} no longer exists." : $"{Environment.NewLine}Rule '{rule.Name}' of policy {policy} ({rule.Effect}):");
        if (rule is not null)
        {
            output.WriteLine(ResultWriter.Printable($"  {(rule.When ?? "(every call of its subjects)").TrimEnd().ReplaceLineEndings($"{Environment.NewLine}  ")}"));
        }
        output.WriteLine(isUnchanged ? "The policies are the ones that decided." : "The policies have changed since; the rule may have read otherwise then.");
    }
}
