using System.CommandLine;
using Castellan.AgentController.Crds;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Crds;

/// <summary><c>castellan crds</c>: the CustomResourceDefinitions of this build.</summary>
internal static class CrdsCommand
{
    public static Command Create() => new("crds", "The CustomResourceDefinitions of this build.") { Generate() };

    private static Command Generate()
    {
        var output = new Option<DirectoryInfo>("--output", "-o")
        {
            Description = "Where the files go, one per kind; it is created if missing.",
            HelpName = "DIR",
            DefaultValueFactory = _ => new DirectoryInfo("crds"),
        };
        var command = new Command("generate", "Writes one YAML file per kind, made from the types of this build.") { output };
        command.SetBody((parsed, ct) => WriteAsync(parsed.GetRequiredValue(output), parsed.InvocationConfiguration.Output, ct));
        return ExampleHelp.With(command, "castellan crds generate", "castellan crds generate --output /tmp/crds && kubectl apply -f /tmp/crds");
    }

    private static async Task<int> WriteAsync(DirectoryInfo directory, TextWriter output, CancellationToken ct)
    {
        directory.Create();
        foreach (var definition in AgentCrds.Generate())
        {
            var path = Path.Combine(directory.FullName, CrdYaml.FileName(definition));
            await File.WriteAllTextAsync(path, CrdYaml.Write(definition), ct);
            await output.WriteLineAsync($"wrote {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
        }
        return ExitCode.Success;
    }
}
