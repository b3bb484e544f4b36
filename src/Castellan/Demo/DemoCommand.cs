using System.CommandLine;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Demo.Evil;
using Castellan.Cli.Local;
using Spectre.Console;

namespace Castellan.Cli.Demo;

/// <summary><c>castellan demo</c>: the whole job in a system of its own, with the commands a user would type.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var keep = new Option<bool>("--keep") { Description = "Leave the system running at the end, to look around." };
        var model = new Option<string?>("--model") { Description = "A real model in place of the runbook: ollama:NAME or openai:NAME, as for 'up'.", HelpName = "PROVIDER:NAME" };
        var evil = new Option<bool>("--evil") { Description = "Let an agent try twelve ways around the control, and show how each is refused; answers 0 only if all fail." };
        var command = ExampleHelp.With(new Command("demo", "Show the whole job, narrated: an agent finds out why a workload fails and, once approved, fixes it.") { keep, model, evil },
            "castellan demo", "castellan demo --keep", "castellan demo --model ollama:qwen3", "castellan demo --evil                 # an agent that attacks, and how each attack fails");
        command.SetBody(async (parsed, ct) =>
        {
            var paths = parsed.GetValue(GlobalOptions.State) is { } given ? StatePaths.Resolve(given) : FreshPaths();
            Directory.CreateDirectory(paths.Root);
            var stage = new DemoStage(paths, AnsiConsole.Console);
            var exitCode = ExitCode.Success;
            try
            {
                if (parsed.GetValue(evil))
                {
                    exitCode = await new EvilAgentDemo(stage, AnsiConsole.Console).PlayAsync(ct) ? ExitCode.Success : ExitCode.Failure;
                }
                else
                {
                    await new SreTriageDemo(stage, parsed.GetValue(model)).PlayAsync(ct);
                }
            }
            finally
            {
                if (parsed.GetValue(keep))
                {
                    AnsiConsole.MarkupLine($"The system goes on in {ResultWriter.Safe(paths.Root)}; stop it with [bold]castellan down --state {ResultWriter.Safe(paths.Root)} --purge[/]");
                }
                else
                {
                    // Not the command's token: Ctrl-C must still stop what the demo started.
                    await DownCommand.StopAsync(paths, TimeProvider.System, CancellationToken.None);
                }
            }
            if (!parsed.GetValue(keep))
            {
                DownCommand.Forget(paths);
                AnsiConsole.MarkupLine("[green]Done.[/] Everything it started has ended, and its files are gone.");
            }
            return exitCode;
        });
        return command;
    }

    // Beside a system that runs already, and gone afterwards.
    private static StatePaths FreshPaths() => new(Path.Combine(Path.GetTempPath(), $"castellan-demo-{Environment.ProcessId}"));
}
