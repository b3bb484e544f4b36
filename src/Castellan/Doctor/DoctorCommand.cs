using System.CommandLine;
using Castellan.Cli.CommandLine;
using Spectre.Console;

namespace Castellan.Cli.Doctor;

/// <summary><c>castellan doctor</c>: whether local mode can work here, and within which limits.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = ExampleHelp.With(new Command("doctor", "Check whether local mode can work on this machine, and state its limits."), "castellan doctor");
        command.SetBody((parsed, ct) =>
        {
            var findings = Checks.Run(parsed.Paths());
            foreach (var finding in findings)
            {
                var mark = finding.Severity switch { Severity.Ok => "[green]✓[/]", Severity.Limit => "[yellow]![/]", _ => "[red]✗[/]" };
                AnsiConsole.MarkupLine($"{mark} {ResultWriter.Safe(finding.Subject)}: {ResultWriter.Safe(finding.Detail)}");
                if (finding.Remedy.Length > 0)
                {
                    AnsiConsole.MarkupLine($"    [grey]{ResultWriter.Safe(finding.Remedy)}[/]");
                }
            }
            return Task.FromResult(findings.Any(f => f.Severity == Severity.Problem) ? ExitCode.Failure : ExitCode.Success);
        });
        return command;
    }
}
