namespace Castellan.Cli.CommandLine;

/// <summary>What the <c>castellan</c> command answers to its shell.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Something failed; the message says what and what to do.</summary>
    public const int Failure = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>It was done as asked, and the answer is no: a refused call, a log that does not verify.</summary>
    public const int Refused = 3;

    /// <summary>A call waits for an approval.</summary>
    public const int AwaitingApproval = 4;

    /// <summary>Interrupted with Ctrl-C, as shells count it.</summary>
    public const int Interrupted = 130;
}
