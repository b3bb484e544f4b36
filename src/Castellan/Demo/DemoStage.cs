using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;
using Spectre.Console;

namespace Castellan.Cli.Demo;

/// <summary>Runs the same commands a user types, and shows them.</summary>
internal sealed class DemoStage(StatePaths paths, IAnsiConsole console)
{
    private int _step;

    public StatePaths Paths => paths;

    /// <summary>Heads the next step.</summary>
    public void Say(string text)
    {
        console.WriteLine();
        console.MarkupLine($"[bold]{++_step}. {ResultWriter.Safe(text)}[/]");
    }

    /// <summary>Heads what has a number of its own.</summary>
    public void Head(string text)
    {
        console.WriteLine();
        console.MarkupLine($"[bold]{ResultWriter.Safe(text)}[/]");
    }

    /// <summary>Types a command and waits for it.</summary>
    /// <exception cref="CommandFailure">It answered something other than expected.</exception>
    public async Task RunAsync(CancellationToken ct, int expected, params string[] arguments)
    {
        console.MarkupLine($"[grey]$ castellan {ResultWriter.Safe(string.Join(' ', arguments.Select(Quoted)))}[/]");
        var answered = await CastellanCommand.Create().Parse([.. arguments, "--state", paths.Root]).InvokeAsync(cancellationToken: ct);
        ct.ThrowIfCancellationRequested();
        if (answered != expected)
        {
            throw new CommandFailure($"step {_step} of the demo failed: 'castellan {string.Join(' ', arguments)}' answered {answered}, expected {expected}",
                $"run the demo again with --keep and look at {paths.DaemonLog}");
        }
    }

    /// <summary>Folder of an example: as in the README when the checkout is the current folder, otherwise where the build put the examples.</summary>
    public static string FolderOf(string example) =>
        Directory.Exists(example) ? example
        : Environment.GetEnvironmentVariable("CASTELLAN_ROOT") is { } root && Directory.Exists(Path.Combine(root, example)) ? Path.Combine(root, example)
        : Path.Combine(AppContext.BaseDirectory, example);

    private static string Quoted(string argument) => argument.Contains(' ', StringComparison.Ordinal) ? $"\"{argument}\"" : argument;
}
