using System.CommandLine;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Workflows;

/// <summary><c>castellan workflows purge</c>: removes ended workflows with their histories.</summary>
internal static class PurgeCommand
{
    public static Command Create()
    {
        var id = new Argument<string?>("id") { Description = "Id of the workflow; without it a filter says which.", Arity = ArgumentArity.ZeroOrOne };
        var command = ExampleHelp.With(
            new Command("purge", "Remove ended workflows with their histories: one, or all that a filter means. The audit log keeps what they did.") { id, WorkflowOptions.Status, WorkflowOptions.From, WorkflowOptions.To }.Asking(),
            "castellan workflows purge ID", "castellan workflows purge --hub triage --to 30d", "castellan workflows purge --endpoint http://127.0.0.1:50001 --status Completed");
        command.SetBody(async (parsed, ct) =>
        {
            var one = parsed.GetValue(id);
            var filter = WorkflowsCommand.FilterOf(parsed);
            if (one is null && filter is { Statuses.Count: 0, CreatedFrom: null, CreatedTo: null })
            {
                throw new CommandFailure("nothing says what to purge", "give an id, or --status, --from or --to", ExitCode.Usage);
            }
            using var workflows = WorkflowOptions.Open(parsed);
            var removed = (await workflows.PurgeAsync(new WorkflowPurge(one, filter), ct)).Count;
            if (one is not null && removed == 0)
            {
                throw new CommandFailure($"workflow '{one}' was not purged: there is none, or it has not ended", "'castellan workflows get' tells; 'castellan workflows terminate' ends it");
            }
            AnsiConsole.WriteLine($"{removed} purged");
            return ExitCode.Success;
        });
        return command;
    }
}
