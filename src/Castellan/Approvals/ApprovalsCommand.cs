using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Approvals;

/// <summary><c>castellan approvals</c>: calls that wait for a decision.</summary>
internal static class ApprovalsCommand
{
    public static Command Create() => new("approvals", "See which calls wait for a decision.") { List(), Show() };

    private static Command List()
    {
        var all = new Option<bool>("--all") { Description = "Also those already decided or expired." };
        var list = ExampleHelp.With(new Command("list", "Calls that wait for a decision.") { all, GlobalOptions.Output }, "castellan approvals list", "castellan approvals list --all -o json");
        list.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var approvals = await gateway.Client.ListApprovalsAsync(parsed.GetValue(all) ? null : ApprovalState.Pending, ct);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(approvals, GatewayJson.Options)))
            {
                ResultWriter.WriteTable(Console.Out, ["CALL", "STATE", "TOOL", "ARGUMENTS", "FOR", "NEEDS", "EXPIRES"],
                    approvals.Select(a => (string[])[a.CallId, a.State.ToString(), $"{a.Server}.{a.Tool}", a.Arguments?.ToJsonString() ?? "", a.OnBehalfOf ?? a.Principal, string.Join(" and ", a.Demands), a.ExpiresAt.ToString("u")]));
            }
            return ExitCode.Success;
        });
        return list;
    }

    private static Command Show()
    {
        var call = new Argument<string>("call") { Description = "Id of the call; 'castellan approvals list' shows those that wait." };
        var show = ExampleHelp.With(new Command("show", "One call in full: read it before you approve it.") { call, GlobalOptions.Output }, "castellan approvals show CALL");
        show.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var document = JsonSerializer.SerializeToNode(await gateway.Client.GetApprovalAsync(parsed.GetValue(call)!, ct), GatewayJson.Options);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => document))
            {
                ResultWriter.WriteYaml(Console.Out, document);
            }
            return ExitCode.Success;
        });
        return show;
    }
}
