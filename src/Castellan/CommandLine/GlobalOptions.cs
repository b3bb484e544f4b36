using System.CommandLine;
using Castellan.Cli.Local;

namespace Castellan.Cli.CommandLine;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public static Option<string?> State { get; } = new("--state")
    {
        Description = "State directory of the local system. Default: CASTELLAN_STATE, else /var/lib/castellan as root and ~/.local/state/castellan otherwise.",
        HelpName = "DIR",
        Recursive = true,
    };

    public static Option<string> As { get; } = new("--as")
    {
        Description = "Credential to use: 'you' (viewer and operator) or 'approver'.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "you",
        Recursive = true,
    };

    public static Option<string> Namespace { get; } = new("--namespace", "-n")
    {
        Description = "Namespace.",
        HelpName = "NS",
        DefaultValueFactory = _ => "default",
    };

    public static Option<OutputFormat> Output { get; } = new("--output", "-o")
    {
        Description = "table, wide, json or yaml.",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => OutputFormat.Table,
    };

    public static StatePaths Paths(this ParseResult parsed) => StatePaths.Resolve(parsed.GetValue(State));
}

/// <summary>How results are printed.</summary>
internal enum OutputFormat
{
    /// <summary>Columns for people.</summary>
    Table,

    /// <summary>More columns.</summary>
    Wide,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One YAML document.</summary>
    Yaml,
}
