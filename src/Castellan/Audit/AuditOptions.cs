using System.CommandLine;
using System.Text.Json;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Workflows;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary>Which records: the options that list, follow and export share. The gateway filters.</summary>
internal static class AuditOptions
{
    private static readonly Option<string?> Since = new("--since") { Description = "Only records since: a time, or how long ago (90m, 12h, 7d).", HelpName = "WHEN" };
    private static readonly Option<string?> Until = new("--until") { Description = "Only records before: a time, or how long ago (90m, 12h, 7d).", HelpName = "WHEN" };
    private static readonly Option<string?> Run = new("--run") { Description = "Only records of this run.", HelpName = "ID" };
    private static readonly Option<string?> Call = new("--call") { Description = "Only records of this call.", HelpName = "ID" };
    private static readonly Option<string?> Agent = new("--agent") { Description = "Only what this agent did: NAME or NAMESPACE/NAME.", HelpName = "AGENT" };
    private static readonly Option<string?> Namespace = new("--namespace", "-n") { Description = "Only agents of this namespace, and what users called in it.", HelpName = "NS" };
    private static readonly Option<string?> User = new("--user") { Description = "Only what was done by or for this person.", HelpName = "NAME" };
    private static readonly Option<string?> Tool = new("--tool") { Description = "Only this tool, model or agent: NAME or SERVER.NAME.", HelpName = "TOOL" };
    private static readonly Option<string?> Server = new("--server") { Description = "Only tools of this server.", HelpName = "NAME" };
    private static readonly Option<string?> Decision = new("--decision") { Description = "Only this decision: Allow, Deny, RequireConfirmation or RequireApproval.", HelpName = "DECISION" };
    private static readonly Option<string?> Outcome = new("--outcome") { Description = "Only this outcome, for example Completed, Failed, Denied or OutcomeUnknown.", HelpName = "STATE" };
    private static readonly Option<string?> Kind = new("--kind") { Description = "Only this kind: tool, model, run, policy, workflow, delegation, access, toolDefinition or retention.", HelpName = "KIND" };
    private static readonly Option<string?> Stage = new("--stage") { Description = "Only this stage: received, decided, approved, refused, expired, rejected, intent or completed.", HelpName = "STAGE" };

    /// <summary>Adds the options.</summary>
    public static Command Filtering(this Command command)
    {
        foreach (var option in new Option[] { Since, Until, Run, Call, Agent, Namespace, User, Tool, Server, Decision, Outcome, Kind, Stage })
        {
            command.Add(option);
        }
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="CommandFailure">A time is none.</exception>
    public static AuditFilter Filter(ParseResult parsed, TimeProvider time)
    {
        var (ns, agent) = Split(parsed.GetValue(Agent), '/');
        var (server, tool) = Split(parsed.GetValue(Tool), '.');
        return new AuditFilter(RunId: parsed.GetValue(Run), CallId: parsed.GetValue(Call))
        {
            Since = WorkflowOptions.When(parsed, Since, time),
            Until = WorkflowOptions.When(parsed, Until, time),
            Agent = agent,
            Namespace = ns ?? parsed.GetValue(Namespace),
            User = parsed.GetValue(User),
            Tool = tool,
            Server = server ?? parsed.GetValue(Server),
            Decision = parsed.GetValue(Decision),
            Outcome = parsed.GetValue(Outcome),
            Kind = Word(parsed.GetValue(Kind)),
            Stage = Word(parsed.GetValue(Stage)),
        };
    }

    // As records spell it: toolDefinition, also for ToolDefinition.
    private static string? Word(string? text) => text is null ? null : JsonNamingPolicy.CamelCase.ConvertName(text);

    private static (string? Left, string? Right) Split(string? text, char separator) =>
        text?.IndexOf(separator, StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 1)..]) : (null, text);
}
