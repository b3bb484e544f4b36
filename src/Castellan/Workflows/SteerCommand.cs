using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Workflows;

/// <summary>The commands that do something to one workflow.</summary>
internal static class SteerCommand
{
    private static readonly Option<string?> Reason = new("--reason") { Description = "Kept in its history.", HelpName = "TEXT" };

    public static Command Terminate() => Simple("terminate", "End a workflow and its children now; activities that run are not interrupted.", WorkflowVerb.Terminate, "terminated",
        "castellan workflows terminate ID --reason 'wrong order'");

    public static Command Suspend() => Simple("suspend", "Pause a workflow: what comes in is kept.", WorkflowVerb.Suspend, "suspended", "castellan workflows suspend ID");

    public static Command Resume() => Simple("resume", "Let a paused workflow go on.", WorkflowVerb.Resume, "resumed", "castellan workflows resume ID");

    public static Command Raise()
    {
        var id = Id();
        var name = new Argument<string>("event") { Description = "Name of the event." };
        var payload = new Argument<string?>("payload") { Description = "What it carries, as JSON; - reads it from standard input.", Arity = ArgumentArity.ZeroOrOne };
        var command = ExampleHelp.With(new Command("raise", "Raise an event on a workflow; it is kept until the workflow waits for it.") { id, name, payload }.Asking(),
            "castellan workflows raise ID approved true", """castellan workflows raise ID answer '{"colour": "red"}'""");
        command.SetBody(async (parsed, ct) =>
        {
            var text = parsed.GetValue(payload) is "-" ? await Console.In.ReadToEndAsync(ct) : parsed.GetValue(payload);
            return await ActAsync(parsed, parsed.GetValue(id)!, WorkflowVerb.Raise, new(parsed.GetValue(name), Payload(text)), $"event {parsed.GetValue(name)} raised", ct);
        });
        return command;
    }

    public static Command Rerun()
    {
        var id = Id();
        var step = new Option<uint>("--step") { Description = "Number of the activity, timer or child to run again; 'castellan workflows history' shows it.", HelpName = "NUMBER", Required = true };
        var to = new Option<string?>("--new-id") { Description = "Id of the repetition; default: one is made.", HelpName = "ID" };
        var command = ExampleHelp.With(new Command("rerun", "Run an ended workflow again from a step, as a new one; the old one stays as it is.") { id, step, to }.Asking(),
            "castellan workflows rerun ID --step 3");
        command.SetBody(async (parsed, ct) =>
        {
            using var workflows = WorkflowOptions.Open(parsed);
            var done = await workflows.ActAsync(parsed.GetValue(id)!, WorkflowVerb.Rerun, new(Step: parsed.GetValue(step), NewInstanceId: parsed.GetValue(to)), ct);
            AnsiConsole.MarkupLine($"workflow [bold]{ResultWriter.Safe(done.InstanceId ?? "")}[/] runs {ResultWriter.Safe(parsed.GetValue(id)!)} again from step {parsed.GetValue(step)}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Simple(string verb, string description, WorkflowVerb what, string done, params string[] examples)
    {
        var id = Id();
        var command = ExampleHelp.With(new Command(verb, description) { id, Reason }.Asking(), examples);
        command.SetBody((parsed, ct) => ActAsync(parsed, parsed.GetValue(id)!, what, new(parsed.GetValue(Reason)), done, ct));
        return command;
    }

    private static async Task<int> ActAsync(ParseResult parsed, string id, WorkflowVerb verb, WorkflowAction action, string done, CancellationToken ct)
    {
        using var workflows = WorkflowOptions.Open(parsed);
        await workflows.ActAsync(id, verb, action, ct);
        AnsiConsole.MarkupLine($"workflow [bold]{ResultWriter.Safe(id)}[/] {ResultWriter.Safe(done)}");
        return ExitCode.Success;
    }

    private static Argument<string> Id() => new("id") { Description = "Id of the workflow." };

    private static JsonNode? Payload(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new CommandFailure($"the payload is no JSON: {e.Message}", """quote it for the shell, a text twice: '"red"'""", ExitCode.Usage, e);
        }
    }
}
