using Castellan.AgentApi.V1Alpha1;
using Castellan.Cel;

namespace Castellan.Models.Runbooks;

/// <summary>A runbook with every expression compiled.</summary>
public sealed class RunbookProgram
{
    private RunbookProgram(IReadOnlyList<ProcedureProgram> procedures, RunbookTemplate? otherwise) => (Procedures, Otherwise) = (procedures, otherwise);

    internal IReadOnlyList<ProcedureProgram> Procedures { get; }

    internal RunbookTemplate? Otherwise { get; }

    /// <summary>Compiles a runbook.</summary>
    /// <param name="runbook">As it stands in a ModelConfig.</param>
    /// <param name="faults">Everything that is wrong with it; empty when it compiled.</param>
    /// <returns>The program; <see langword="null"/> when there are faults.</returns>
    public static RunbookProgram? Compile(Runbook runbook, out IReadOnlyList<RunbookFault> faults)
    {
        List<RunbookFault> found = [];
        var scope = new RunbookScope(RunbookVariables.Environment, [], found);
        if (runbook.Procedures is not { Count: > 0 }) found.Add(new("procedures", "there is none; write at least one"));
        var procedures = (runbook.Procedures ?? []).Select((p, i) => ProcedureProgram.Compile(p, scope, $"procedures[{i}]")).ToList();
        foreach (var twice in procedures.GroupBy(p => p.Name).Where(g => g.Count() > 1))
            found.Add(new("procedures", $"the name '{twice.Key}' stands {twice.Count()} times; give each procedure its own"));
        var otherwise = runbook.Otherwise is { } text ? RunbookTemplate.Compile(text, scope, "otherwise", "otherwise") : null;
        faults = found;
        return found.Count == 0 ? new(procedures, otherwise) : null;
    }
}

/// <summary>A procedure with every expression compiled.</summary>
internal sealed record ProcedureProgram(string Name, RunbookExpression? When, IReadOnlyList<StepProgram> Steps, IReadOnlyList<FindingProgram> Findings)
{
    public static ProcedureProgram Compile(RunbookProcedure procedure, RunbookScope scope, string path)
    {
        List<StepProgram> steps = [];
        List<string> known = [];
        foreach (var (step, i) in (procedure.Steps ?? []).Select((s, i) => (s, i)))
        {
            var here = scope.With([.. known]);
            var place = $"step '{step.Name}' of procedure '{procedure.Name}'";
            if (known.Contains(step.Name)) scope.Faults.Add(new($"{path}.steps[{i}].name", $"'{step.Name}' stands twice; give each step its own name"));
            steps.Add(new(step.Name, step.Tool,
                here.CompileCondition(step.When, $"{path}.steps[{i}].when"),
                RunbookArguments.Compile(step.Arguments, here, $"{path}.steps[{i}].arguments", place), place));
            known.Add(step.Name);
        }
        var after = scope.With(known);
        var findings = (procedure.Findings ?? []).Select((f, i) => new FindingProgram(
            after.CompileCondition(f.When, $"{path}.findings[{i}].when"),
            RunbookTemplate.Compile(f.Text, after, $"{path}.findings[{i}].text", $"finding {i + 1} of procedure '{procedure.Name}'"),
            $"finding {i + 1} of procedure '{procedure.Name}'")).ToList();
        if (findings.Count == 0) scope.Faults.Add(new($"{path}.findings", "there is none; without one the procedure has no answer"));
        return new(procedure.Name, scope.CompileCondition(procedure.When, $"{path}.when"), steps, findings);
    }
}

/// <summary>A step with every expression compiled.</summary>
internal sealed record StepProgram(string Name, string Tool, RunbookExpression? When, RunbookArguments Arguments, string Place);

/// <summary>A finding with every expression compiled.</summary>
internal sealed record FindingProgram(RunbookExpression? When, RunbookTemplate? Text, string Place);
