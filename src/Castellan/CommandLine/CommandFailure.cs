namespace Castellan.Cli.CommandLine;

/// <summary>Ends a command with a message for a person: what is wrong, and what to do next.</summary>
internal sealed class CommandFailure(string problem, string remedy, int exitCode = ExitCode.Failure, Exception? inner = null)
    : Exception($"{problem}; {remedy}", inner)
{
    /// <summary>What is wrong, with the value that was wrong.</summary>
    public string Problem { get; } = problem;

    /// <summary>What to do next.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>What the shell is told.</summary>
    public int ExitCode { get; } = exitCode;
}
