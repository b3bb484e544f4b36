using System.Text.RegularExpressions;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Tools;

/// <summary>A tool as it is named to be approved: <c>restart</c>, or <c>restart@sha256:…</c> with the definition that was looked at.</summary>
/// <param name="Name">Name on the server.</param>
/// <param name="Digest">The digest that was looked at, or <see cref="Gone"/>; null when it is to be looked at now.</param>
internal sealed partial record ApprovalChoice(string Name, string? Digest)
{
    /// <summary>In place of a digest: the server no longer lists the tool.</summary>
    public const string Gone = "gone";

    public static ApprovalChoice Parse(string text) => Form().Match(text) is { Success: true } match ? new(match.Groups[1].Value, match.Groups[2].Value) : new(text, null);

    /// <summary>The tools that are meant, all of which deviate from their pins.</summary>
    /// <param name="choices">What was named; empty means all that deviate.</param>
    /// <param name="tools">The tools of the server.</param>
    /// <exception cref="CommandFailure">One is not there, does not deviate, or is not what was looked at.</exception>
    public static IReadOnlyList<ToolReport> Among(IReadOnlyList<ApprovalChoice> choices, IReadOnlyList<ToolReport> tools)
    {
        if (choices.Count == 0)
        {
            return [.. tools.Where(tool => tool.State is not (ToolState.Pinned or ToolState.Unreadable))];
        }

        return [.. choices.Select(choice =>
        {
            var tool = tools.FirstOrDefault(tool => tool.Name == choice.Name) ?? throw new CommandFailure($"there is no tool '{ListToolsCommand.Shown(choice.Name)}'", "'castellan tools list' shows those there are");
            if (tool.State == ToolState.Pinned)
            {
                throw new CommandFailure($"there is nothing to approve about '{ListToolsCommand.Shown(choice.Name)}': its definition is the pinned one", "'castellan tools diff' shows what changed");
            }
            return choice.Matches(tool) ? tool : throw new CommandFailure($"the server now lists '{ListToolsCommand.Shown(choice.Name)}' as {tool.Digest ?? Gone}, not {choice.Digest}", "look at it again with 'castellan tools diff'");
        })];
    }

    private bool Matches(ToolReport tool) => Digest switch
    {
        null => true,
        Gone => tool.Digest is null,
        _ => tool.Digest == Digest,
    };

    [GeneratedRegex("^(.+)@(sha256:[0-9a-f]{64}|gone)$")]
    private static partial Regex Form();
}
