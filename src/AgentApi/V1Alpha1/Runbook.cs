using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Castellan.AgentApi.Schema;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>A declared decision procedure that answers in place of a language model.</summary>
/// <remarks>
/// CEL expressions see <c>input</c> (the user's message), <c>history</c> (earlier messages of the conversation, a list of
/// <c>{role, text}</c>) and <c>steps</c> (a map from step name to <c>{ok: bool, text: string, data: dyn}</c>, for the steps that ran;
/// <c>has(steps.NAME)</c> tells). <c>ok</c> is false when the tool failed, or the call was denied or refused; <c>text</c> then says why.
/// Templates are text in which <c>{{ expression }}</c> is replaced by the value of a CEL expression.
/// </remarks>
public sealed class Runbook
{
    /// <summary>The procedures, in order; the first whose <c>when</c> holds answers.</summary>
    [MinLength(1), MaxLength(50), ListKey(nameof(RunbookProcedure.Name))]
    public required IList<RunbookProcedure> Procedures { get; set; }

    /// <summary>Template of the answer when no procedure applies; says what the runbook can do.</summary>
    public string? Otherwise { get; set; }
}

/// <summary>One procedure of a runbook: steps to gather evidence or to act, then findings.</summary>
public sealed class RunbookProcedure
{
    /// <summary>Name, unique in the runbook.</summary>
    [RegularExpression("^[a-z][a-z0-9_]*$")]
    public required string Name { get; set; }

    /// <summary>CEL condition over <c>input</c>; absent means always.</summary>
    public string? When { get; set; }

    /// <summary>Tool calls, in order. A step whose condition does not hold is left out.</summary>
    [MaxLength(100), ListKey(nameof(RunbookStep.Name))]
    public required IList<RunbookStep> Steps { get; set; }

    /// <summary>The answer: the texts of all findings whose conditions hold, in order.</summary>
    [MinLength(1), MaxLength(100)]
    public required IList<RunbookFinding> Findings { get; set; }
}

/// <summary>One tool call of a procedure.</summary>
public sealed class RunbookStep
{
    /// <summary>Name, unique in the procedure; later expressions see the result as <c>steps.NAME</c>.</summary>
    [RegularExpression("^[a-z][a-z0-9_]*$")]
    public required string Name { get; set; }

    /// <summary>CEL condition; absent means always.</summary>
    public string? When { get; set; }

    /// <summary>The tool, by the name under which the agent sees it.</summary>
    public required string Tool { get; set; }

    /// <summary>
    /// Arguments. A string that is exactly one <c>{{ expression }}</c> becomes that value with its type; null leaves the argument out.
    /// </summary>
    public JsonObject? Arguments { get; set; }
}

/// <summary>One part of an answer.</summary>
public sealed class RunbookFinding
{
    /// <summary>CEL condition; absent means always.</summary>
    public string? When { get; set; }

    /// <summary>Template of the text, Markdown.</summary>
    public required string Text { get; set; }
}
