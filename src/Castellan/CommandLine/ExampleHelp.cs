using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Castellan.Cli.CommandLine;

/// <summary>Adds an "Examples" section to the help of commands that have some.</summary>
internal sealed class ExampleHelp(HelpAction inner) : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, string[]> Examples = [];

    /// <summary>Registers lines that a user can type.</summary>
    public static TCommand With<TCommand>(TCommand command, params string[] examples) where TCommand : Command
    {
        Examples[command] = examples;
        return command;
    }

    /// <summary>Puts this help in place of the built-in one.</summary>
    public static void Install(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Action = new ExampleHelp((HelpAction)option.Action!);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var result = inner.Invoke(parseResult);
        if (Examples.TryGetValue(parseResult.CommandResult.Command, out var examples))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }
            output.WriteLine();
        }
        return result;
    }
}
