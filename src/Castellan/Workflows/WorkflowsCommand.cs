using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Workflows;

/// <summary><c>castellan workflows</c>: looks after orchestrations, those of the local system or those of any sidecar.</summary>
internal static class WorkflowsCommand
{
    public static Command Create() => new("workflows", "Look after durable workflows: those of the local system, or those of any sidecar.")
    {
        List(), Get(), HistoryCommand.Create(),
        SteerCommand.Terminate(), SteerCommand.Suspend(), SteerCommand.Resume(), SteerCommand.Raise(), SteerCommand.Rerun(),
        PurgeCommand.Create(), ServeCommand.Create(),
    };

    private static Command List()
    {
        var name = new Option<string?>("--name") { Description = "Only orchestrations of this registered name.", HelpName = "NAME" };
        var prefix = new Option<string?>("--id-prefix") { Description = "Only ids that begin with this.", HelpName = "TEXT" };
        var limit = new Option<int>("--limit") { Description = $"Most of them, 1 to {WorkflowFilter.MostListed}.", DefaultValueFactory = _ => 100 };
        var command = ExampleHelp.With(
            new Command("list", "Workflows, the newest first.") { name, prefix, WorkflowOptions.Status, WorkflowOptions.From, WorkflowOptions.To, limit, GlobalOptions.Output }.Asking(),
            "castellan workflows list", "castellan workflows list --hub triage --status Failed --from 12h",
            "castellan workflows list --endpoint http://127.0.0.1:50001 --api-token-file token -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var workflows = WorkflowOptions.Open(parsed);
            var found = await workflows.ListAsync(FilterOf(parsed) with { Name = parsed.GetValue(name), IdPrefix = parsed.GetValue(prefix), Limit = LimitOf(parsed.GetValue(limit)) }, ct);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(found, GatewayJson.Options)))
            {
                WriteTable(found, parsed.GetValue(GlobalOptions.Output) == OutputFormat.Wide);
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Get()
    {
        var id = new Argument<string>("id") { Description = "Id of the workflow." };
        var command = ExampleHelp.With(new Command("get", "One workflow with what it was given, what it returned and why it failed.") { id, GlobalOptions.Output }.Asking(),
            "castellan workflows get ID", "castellan workflows get ID -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var workflows = WorkflowOptions.Open(parsed);
            var found = JsonSerializer.SerializeToNode(await workflows.GetAsync(parsed.GetValue(id)!, ct), GatewayJson.Options);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => found))
            {
                ResultWriter.WriteYaml(Console.Out, found); // for one object the columns would say less than the object
            }
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>The filter that the shared options make.</summary>
    public static WorkflowFilter FilterOf(ParseResult parsed) => new()
    {
        Hub = parsed.GetValue(WorkflowOptions.Hub),
        Statuses = parsed.GetValue(WorkflowOptions.Status)!,
        CreatedFrom = WorkflowOptions.When(parsed, WorkflowOptions.From, TimeProvider.System),
        CreatedTo = WorkflowOptions.When(parsed, WorkflowOptions.To, TimeProvider.System),
    };

    private static int LimitOf(int limit) => limit is >= 1 and <= WorkflowFilter.MostListed
        ? limit
        : throw new CommandFailure($"--limit is {limit}", $"give 1 to {WorkflowFilter.MostListed}", ExitCode.Usage);

    private static void WriteTable(IReadOnlyList<WorkflowInstance> found, bool wide)
    {
        var hubs = wide || found.Select(i => i.Hub).Distinct().Count() > 1;
        ResultWriter.WriteTable(Console.Out, ["ID", "NAME", "STATUS", "CREATED", "LASTED", .. hubs ? ["HUB"] : (string[])[], .. wide ? ["PARENT"] : (string[])[]],
            found.Select(i => (string[])[i.InstanceId, i.Name, i.Status, i.CreatedAt.ToString("u"), HistoryCommand.Span((i.CompletedAt ?? i.LastUpdatedAt) - i.CreatedAt),
                .. hubs ? [i.Hub ?? ""] : (string[])[], .. wide ? [i.ParentInstanceId ?? ""] : (string[])[]]));
    }
}
