using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.Agents;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Runs;

/// <summary><c>castellan runs</c>: what agents did and do.</summary>
internal static class RunsCommand
{
    public static Command Create() => new("runs", "List runs of agents, or follow one.") { List(), Follow() };

    private static Command List()
    {
        var command = ExampleHelp.With(new Command("list", "The newest runs.") { GlobalOptions.Output }, "castellan runs list", "castellan runs list -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var runs = await gateway.Client.ListRunsAsync(ct);
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(runs, GatewayJson.Options)))
            {
                ResultWriter.WriteTable(Console.Out, ["RUN", "AGENT", "STATE", "USER", "STARTED", "MESSAGE"],
                    runs.Select(r => (string[])[r.RunId, $"{r.Namespace}/{r.Agent}", r.State.ToString(), r.User, r.CreatedAt.ToString("u"), r.Message]));
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Follow()
    {
        var run = new Argument<string>("run") { Description = "Id of the run." };
        var command = ExampleHelp.With(new Command("follow", "Tell a run from its start until it ends.") { run }, "castellan runs follow RUN");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            return await ChatCommand.FollowAsync(gateway.Client, parsed.GetValue(run)!, untilDecided: true, AnsiConsole.Console, ct);
        });
        return command;
    }
}
