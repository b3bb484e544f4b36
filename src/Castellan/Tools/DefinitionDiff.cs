using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;
using Castellan.Digests;
using Castellan.GatewayApi;
using Castellan.Policy;
using Spectre.Console;

namespace Castellan.Cli.Tools;

/// <summary>Shows what is pinned beside what a server lists, and makes sure that what is shown has the digest that is approved.</summary>
internal static class DefinitionDiff
{
    /// <summary>Writes the difference of one tool.</summary>
    /// <exception cref="CommandFailure">A definition does not have the digest that the gateway gives.</exception>
    public static void Write(IAnsiConsole console, ToolReport tool)
    {
        Check(tool);
        console.MarkupLine($"[bold]{Safe($"{tool.Server}.{tool.Name}")}[/] {tool.State}  {Safe($"{(tool.PinnedDigest is null ? "never pinned" : ListToolsCommand.Short(tool.PinnedDigest))} → {(tool.Digest is null ? "not listed" : ListToolsCommand.Short(tool.Digest))}")}");
        console.MarkupLine($"  [grey]{Safe($"{tool.Reason}{(tool.DetectedAt is { } at ? $" (since {at:u})" : "")}")}[/]");
        foreach (var finding in tool.Imitates)
        {
            console.MarkupLine($"  [yellow]{Safe($"it {finding}")}[/]");
        }

        foreach (var line in LineDiff.Between(Lines(tool.Pinned), Lines(tool.State == ToolState.Gone ? null : tool.Listed)))
        {
            console.MarkupLine(line[0] switch
            {
                '-' => $"[red]{Safe(line)}[/]",
                '+' => $"[green]{Safe(line)}[/]",
                '@' => $"[grey]{Safe(line)}[/]",
                _ => Safe(line),
            });
        }

        if (tool.State != ToolState.Unreadable)
        {
            console.MarkupLine($"  [grey]{Safe($"approve what is shown with: castellan tools approve {tool.Server} '{tool.Name}@{tool.Digest ?? ApprovalChoice.Gone}'{(tool.Namespace == "default" ? "" : $" -n {tool.Namespace}")}")}[/]");
        }

        console.WriteLine();
    }

    /// <summary>The definition as lines for people: YAML, each character that cannot be seen written out.</summary>
    public static IReadOnlyList<string> Lines(JsonObject? definition)
    {
        if (definition is null)
        {
            return [];
        }

        var text = new StringWriter();
        ResultWriter.WriteYaml(text, Visible(definition));
        return text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
    }

    // What is approved is what was shown: a gateway that shows one thing under the digest of another gets no approval.
    private static void Check(ToolReport tool)
    {
        foreach (var (digest, definition) in new[] { (tool.PinnedDigest, tool.Pinned), (tool.Digest, tool.Listed) })
        {
            if (definition is not null && CanonicalJson.Digest(definition) is var own && own != digest)
            {
                throw new CommandFailure($"the definition of {tool.Server}.{ListToolsCommand.Shown(tool.Name)} that the gateway shows has digest {own}, not {digest}", "approve nothing; look at the gateway's log and version");
            }
        }
    }

    private static JsonNode? Visible(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(InvisibleText.Show(member.Key), Visible(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Visible)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(InvisibleText.Show(value.GetValue<string>())),
        _ => node?.DeepClone(),
    };

    private static string Safe(string text) => ResultWriter.Safe(InvisibleText.Show(text));
}
