using System.CommandLine;
using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Castellan.Policy;

namespace Castellan.Cli.Tools;

/// <summary><c>castellan tools list</c>: the tools of the servers with how they stand to their pins.</summary>
internal static class ListToolsCommand
{
    public static Command Create()
    {
        var server = new Argument<string?>("server") { Description = "Only those of this ToolServer.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "Those of all namespaces." };
        var command = ExampleHelp.With(new Command("list", "The tools of the servers; only those in state Pinned can be seen and called.") { server, all, GlobalOptions.Namespace, GlobalOptions.Output },
            "castellan tools list", "castellan tools list ops -o wide", "castellan tools list -A -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            var tools = await gateway.Client.ListToolsAsync(parsed.GetValue(all) ? null : parsed.GetValue(GlobalOptions.Namespace), parsed.GetValue(server), withDefinitions: false, ct);
            Write(Console.Out, tools, parsed.GetValue(GlobalOptions.Output));
            return ExitCode.Success;
        });
        return command;
    }

    public static void Write(TextWriter output, IReadOnlyList<ToolReport> tools, OutputFormat format)
    {
        if (ResultWriter.TryWriteDocument(output, format, () => JsonSerializer.SerializeToNode(tools, GatewayJson.Options)))
        {
            return;
        }

        var wide = format == OutputFormat.Wide;
        ResultWriter.WriteTable(output, wide ? ["NAMESPACE", "SERVER", "TOOL", "STATE", "PINNED", "PINNED BY", "DIGEST", "IMITATES", "REASON"] : ["SERVER", "TOOL", "STATE", "PINNED BY", "DIGEST", "IMITATES"],
            tools.Select(tool => (string[])(wide
                ? [tool.Namespace, tool.Server, Shown(tool.Name), tool.State.ToString(), tool.PinnedAt?.ToString("u") ?? "", tool.PinnedBy ?? "", tool.Digest ?? "", Flags(tool), Shown(tool.Reason ?? "")]
                : [tool.Server, Shown(tool.Name), tool.State.ToString(), tool.PinnedBy ?? "", Short(tool.Digest), Flags(tool)])));
        if (tools.Count(tool => tool.State is not (ToolState.Pinned or ToolState.Gone)) is > 0 and var blocked)
        {
            output.WriteLine($"{Environment.NewLine}{blocked} blocked: 'castellan tools diff' shows what changed.");
        }
    }

    /// <summary>Enough of a digest to tell definitions apart by eye.</summary>
    public static string Short(string? digest) => digest is { Length: > 19 } ? digest[..19] : digest ?? "";

    /// <summary>Names and definitions are a server's words: what people cannot see in them is written out.</summary>
    public static string Shown(string text) => InvisibleText.Show(text);

    private static string Flags(ToolReport tool) => string.Join("; ", tool.Imitates.Select(Shown));
}
