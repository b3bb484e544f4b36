using System.Text.RegularExpressions;
using Castellan.Cel;

namespace Castellan.Models.Runbooks;

/// <summary>Compiles the expressions of one part of a runbook and collects what is wrong with them.</summary>
/// <param name="environment">The variables that expressions see.</param>
/// <param name="steps">Steps that expressions may refer to; null where none have run.</param>
/// <param name="faults">Collects the faults.</param>
internal sealed partial class RunbookScope(CelEnvironment environment, IReadOnlyCollection<string> steps, List<RunbookFault> faults)
{
    public List<RunbookFault> Faults => faults;

    public RunbookScope With(IReadOnlyCollection<string> known) => new(environment, known, faults);

    /// <summary>The expression; <see langword="null"/> when it has faults.</summary>
    public RunbookExpression? Compile(string source, string path, CelType? wanted = null)
    {
        // `steps` is a map, so the type checker cannot know its keys; a misspelt step would show only when the procedure runs.
        foreach (Match match in StepReference().Matches(source))
        {
            var name = match.Groups[1].Value;
            if (!steps.Contains(name))
                faults.Add(new(path, $"`{source}` refers to step '{name}', which is not an earlier step of this procedure; {(steps.Count == 0 ? "no step comes before" : $"earlier steps are {string.Join(", ", steps)}")}"));
        }
        try
        {
            return new RunbookExpression(source, environment.Compile(source, wanted));
        }
        catch (CelCompileException e)
        {
            faults.Add(new(path, $"`{source}` is no valid expression: {string.Join("; ", e.Faults)}"));
            return null;
        }
    }

    /// <summary>A condition; <see langword="null"/> when there is none, or it has faults.</summary>
    public RunbookExpression? CompileCondition(string? source, string path) => source is null ? null : Compile(source, path, CelType.Bool);

    [GeneratedRegex(@"(?<![\w.])steps\.([A-Za-z_]\w*)")]
    private static partial Regex StepReference();
}
