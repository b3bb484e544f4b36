using System.CommandLine;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Runs;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Agents;

/// <summary><c>castellan chat AGENT MESSAGE</c>: starts a run and tells it as it happens.</summary>
internal static class ChatCommand
{
    public static Command Create()
    {
        var agent = new Argument<string>("agent") { Description = "Name of the agent." };
        var message = new Argument<string>("message") { Description = "What to say." };
        var fresh = new Option<bool>("--new") { Description = "Start a new session instead of going on with the latest one with this agent." };
        var session = new Option<string?>("--session") { Description = "Go on with this session.", HelpName = "ID" };
        var wait = new Option<bool>("--wait") { Description = "Stay until a pending approval is decided, instead of returning with exit code 4." };
        var command = ExampleHelp.With(new Command("chat", "Say something to an agent and watch it work.") { agent, message, fresh, session, wait, GlobalOptions.Namespace },
            "castellan chat triage \"why is checkout failing?\"",
            "castellan chat triage \"fix it\"              # returns when a call waits for approval",
            "castellan chat triage \"fix it\" --wait       # stays until it is decided");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var where = parsed.GetValue(session) ?? (parsed.GetValue(fresh) ? "new" : "latest");
            var started = await gateway.Client.StartRunAsync(parsed.GetValue(GlobalOptions.Namespace)!, parsed.GetValue(agent)!, new StartRunRequest(parsed.GetValue(message)!, where), ct);
            return await FollowAsync(gateway.Client, started.RunId, untilDecided: parsed.GetValue(wait), AnsiConsole.Console, ct);
        });
        return command;
    }

    /// <summary>Tells a run until it ends, or (unless <paramref name="untilDecided"/>) until a call waits for an approval.</summary>
    public static async Task<int> FollowAsync(GatewayClient gateway, string runId, bool untilDecided, IAnsiConsole console, CancellationToken ct)
    {
        var narrator = new RunNarrator(console);
        await foreach (var happened in gateway.FollowRunAsync(runId, 0, TimeProvider.System, ct))
        {
            narrator.Tell(happened);
            if (happened.Type == RunEventType.ApprovalRequested && !untilDecided)
            {
                console.MarkupLine($"    then watch it end:           [bold]castellan runs follow {ResultWriter.Safe(runId)}[/]");
                return ExitCode.AwaitingApproval;
            }
            if (happened.Type == RunEventType.RunCompleted)
            {
                return happened.State == nameof(RunState.Succeeded) ? ExitCode.Success : ExitCode.Failure;
            }
        }
        throw new CommandFailure($"the event stream of run {runId} ended before the run did", $"look at it with 'castellan runs follow {runId}'");
    }
}
