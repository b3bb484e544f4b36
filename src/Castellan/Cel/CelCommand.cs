using System.CommandLine;

namespace Castellan.Cli.Cel;

/// <summary><c>castellan cel</c>: try expressions of policies and runbooks before they decide anything.</summary>
internal static class CelCommand
{
    public static Command Create() => new("cel", "Evaluate and test CEL, the language of policies and runbooks.") { EvalCommand.Create(), TestCommand.Create() };
}
