using Spectre.Console;

namespace Castellan.Cli.CommandLine;

/// <summary>Consoles that use colour and movement on a terminal and plain text everywhere else.</summary>
internal static class Terminals
{
    /// <summary>Width of lines when nobody looks: long enough that a line is never broken in a pipe or a log.</summary>
    private const int Unbroken = 10_000;

    /// <summary>Sets up standard output for the whole process.</summary>
    public static void Install() => AnsiConsole.Console = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>A console over a writer; <c>NO_COLOR</c> (no-color.org) takes the colour away on a terminal too.</summary>
    public static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var plain = redirected || Environment.GetEnvironmentVariable("TERM") is null or "dumb";
        var colourless = plain || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = colourless ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (plain)
        {
            console.Profile.Width = Unbroken;
        }
        return console;
    }
}
