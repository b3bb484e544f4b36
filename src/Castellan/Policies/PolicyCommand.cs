using System.CommandLine;

namespace Castellan.Cli.Policies;

/// <summary><c>castellan policy</c>: try policies before they are in force, and see why one decided as it did.</summary>
internal static class PolicyCommand
{
    public static Command Create() => new("policy", "Try policies offline, test them, and explain what they decided.") { TryCommand.Create(), VerifyCommand.Create(), ExplainCommand.Create(), ReportCommand.Create() };
}
