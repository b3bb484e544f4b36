using System.CommandLine;
using Castellan.Cel.Conformance;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Cel;

/// <summary><c>castellan cel test</c>: runs cases in the format of the conformance file.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Files with one case on a line, as JSON.", Arity = ArgumentArity.OneOrMore };
        var profile = new Option<string?>("--profile") { Description = "Only cases of this profile, for example std or ext.", HelpName = "NAME" };
        var skip = new Option<string[]>("--skip-tag") { Description = "Leave out cases with this tag; may be repeated.", HelpName = "TAG", DefaultValueFactory = _ => [] };
        var command = ExampleHelp.With(new Command("test", "Run cases and print what passed, by section, and each failure.") { files, profile, skip },
            "castellan cel test test/Cel.Tests/Conformance/cel-conformance.jsonl --profile std", "castellan cel test mine.jsonl --skip-tag celGoSkips");
        command.SetBody((parsed, ct) => Task.FromResult(Run(parsed.GetValue(files)!, parsed.GetValue(profile), parsed.GetValue(skip)!, ct)));
        return command;
    }

    private static int Run(IReadOnlyList<string> files, string? profile, IReadOnlyCollection<string> skippedTags, CancellationToken ct)
    {
        var results = new List<(string Section, CelCase Case, string? Problem)>();
        var skipped = 0;
        foreach (var (file, number, line) in files.SelectMany(LinesOf))
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                var one = CelCase.Parse(line);
                if ((profile is not null && one.Profile != profile) || one.Tags.Any(skippedTags.Contains))
                {
                    skipped++;
                    continue;
                }
                results.Add((one.Section.Length > 0 ? one.Section : file, one, one.Run()));
            }
            catch (FormatException error)
            {
                throw new CommandFailure($"{file}:{number}: {error.Message}", "each line is a case; test/Cel.Tests/Conformance/README.md has the format");
            }
        }
        ResultWriter.WriteTable(Console.Out, ["SECTION", "PASSED", "FAILED"], results.GroupBy(r => r.Section)
            .Select(g => (string[])[g.Key, $"{g.Count(r => r.Problem is null)}", $"{g.Count(r => r.Problem is not null)}"]));
        var failures = results.Where(r => r.Problem is not null).ToList();
        foreach (var (_, one, problem) in failures)
        {
            Console.WriteLine(ResultWriter.Printable($"{Environment.NewLine}{one.Id}{Environment.NewLine}  {one.Expression}{Environment.NewLine}  {problem}"));
        }
        Console.WriteLine($"{Environment.NewLine}{results.Count - failures.Count} passed, {failures.Count} failed, {skipped} skipped");
        return failures.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static IEnumerable<(string File, int Number, string Line)> LinesOf(string file)
    {
        IEnumerable<string> lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"{file} cannot be read: {error.Message}", "check the path", inner: error);
        }
        return lines.Select((line, i) => (file, i + 1, line)).Where(l => l.line.Length > 0);
    }
}
