using System.CommandLine;

namespace Castellan.Cli.Tools;

/// <summary><c>castellan tools</c>: which definitions of tools are believed, and which wait for an approval.</summary>
internal static class ToolsCommand
{
    public static Command Create() => new("tools", "See which tools servers offer, what changed in their definitions, and approve it.") { ListToolsCommand.Create(), DiffToolsCommand.Create(), ApproveToolsCommand.Create() };
}
