using System.CommandLine;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Policies;

/// <summary><c>castellan policy verify</c>: runs unit tests of policies.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Files of policy tests (YAML); docs/policy.md has the format.", Arity = ArgumentArity.OneOrMore };
        var command = ExampleHelp.With(new Command("verify", "Run unit tests of policies without a cluster; exits with 1 when one fails.") { files }, "castellan policy verify policies/*.test.yaml");
        command.SetBody(async (parsed, ct) =>
        {
            var (passed, failed) = (0, 0);
            foreach (var file in parsed.GetValue(files)!)
            {
                var suite = await PolicyTestFile.LoadAsync(file, ct);
                Console.WriteLine(file);
                foreach (var (name, problem) in suite.Run(ct))
                {
                    Console.WriteLine(ResultWriter.Printable(problem is null ? $"  ✓ {name}" : $"  ✗ {name}{Environment.NewLine}      {problem}"));
                    if (problem is null) passed++;
                    else failed++;
                }
            }
            Console.WriteLine($"{passed} passed, {failed} failed");
            return failed == 0 ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }
}
