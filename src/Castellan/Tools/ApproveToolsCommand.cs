using System.CommandLine;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Tools;

/// <summary><c>castellan tools approve SERVER [TOOL…]</c>: pins the definitions that were looked at.</summary>
internal static class ApproveToolsCommand
{
    public static Command Create()
    {
        var server = new Argument<string>("server") { Description = "The ToolServer." };
        var names = new Argument<string[]>("tool") { Description = "Tools, best with the digest that was looked at: TOOL@sha256:… as 'castellan tools diff' prints it. None: all that changed.", Arity = ArgumentArity.ZeroOrMore };
        var command = ExampleHelp.With(new Command("approve", "Pin the definitions that a server lists now. Shows them and asks, unless their digests are given.") { server, names, GlobalOptions.Namespace },
            "castellan tools diff ops", "castellan tools approve ops restart", "castellan tools approve ops restart@sha256:DIGEST");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var (ns, name) = (parsed.GetValue(GlobalOptions.Namespace)!, parsed.GetValue(server)!);
            ApprovalChoice[] choices = [.. (parsed.GetValue(names) ?? []).Select(ApprovalChoice.Parse)];
            var listed = await gateway.Client.ListToolsAsync(ns, name, withDefinitions: true, ct);
            if (listed.Count == 0)
            {
                throw new CommandFailure($"ToolServer {name} in namespace {ns} does not exist, or has not listed a tool yet", "see 'castellan get toolservers'");
            }
            var tools = ApprovalChoice.Among(choices, listed);
            if (tools.Count == 0)
            {
                Console.Out.WriteLine("There is nothing to approve: every definition is the pinned one.");
                return ExitCode.Success;
            }
            if (!Agreed(choices, tools, AnsiConsole.Console))
            {
                return ExitCode.Failure;
            }
            var pinned = await gateway.Client.ApproveToolsAsync(ns, name, new ApproveToolsRequest([.. tools.Select(tool => new ApprovedTool(tool.Name, tool.Digest ?? ""))]), ct);
            ListToolsCommand.Write(Console.Out, pinned, OutputFormat.Table);
            return ExitCode.Success;
        });
        return command;
    }

    private static bool Agreed(IReadOnlyList<ApprovalChoice> choices, IReadOnlyList<ToolReport> tools, IAnsiConsole console)
    {
        foreach (var tool in tools)
        {
            DefinitionDiff.Write(console, tool);
        }
        if (choices.Count > 0 && choices.All(choice => choice.Digest is not null))
        {
            return true; // looked at before
        }
        return console.Profile.Capabilities.Interactive && !Console.IsInputRedirected
            ? console.Prompt(new ConfirmationPrompt($"Pin {(tools.Count == 1 ? "this definition" : $"these {tools.Count} definitions")}?") { DefaultValue = false })
            : throw new CommandFailure("nobody is there to look at the definitions", "run the command on a terminal, or give the digest of each as TOOL@sha256:…");
    }
}
