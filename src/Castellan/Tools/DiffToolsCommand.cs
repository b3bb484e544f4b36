using System.CommandLine;
using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Tools;

/// <summary><c>castellan tools diff</c>: what is pinned, beside what the servers list.</summary>
internal static class DiffToolsCommand
{
    public static Command Create()
    {
        var server = new Argument<string?>("server") { Description = "Only tools of this ToolServer.", Arity = ArgumentArity.ZeroOrOne };
        var names = new Argument<string[]>("tool") { Description = "Only these tools.", Arity = ArgumentArity.ZeroOrMore };
        var command = ExampleHelp.With(new Command("diff", "What changed in the definitions of tools since they were pinned. Exits with 3 if anything did.") { server, names, GlobalOptions.Namespace, GlobalOptions.Output },
            "castellan tools diff", "castellan tools diff ops restart");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var wanted = parsed.GetValue(names) ?? [];
            var tools = await gateway.Client.ListToolsAsync(parsed.GetValue(GlobalOptions.Namespace), parsed.GetValue(server), withDefinitions: true, ct);
            List<ToolReport> differing = [.. tools.Where(tool => tool.State != ToolState.Pinned && (wanted.Length == 0 || wanted.Contains(tool.Name)))];
            if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => JsonSerializer.SerializeToNode(differing, GatewayJson.Options)))
            {
                differing.ForEach(tool => DefinitionDiff.Write(AnsiConsole.Console, tool));
            }
            return differing.Count == 0 ? ExitCode.Success : ExitCode.Refused;
        });
        return command;
    }
}
