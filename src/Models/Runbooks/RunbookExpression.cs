using System.Text.Json.Nodes;
using Castellan.Cel;

namespace Castellan.Models.Runbooks;

/// <summary>A compiled expression of a runbook.</summary>
internal sealed class RunbookExpression(string source, CelProgram program)
{
    /// <summary>Whether the condition holds.</summary>
    /// <exception cref="RunbookException">It has no value.</exception>
    public bool Holds(RunbookState state, string place)
    {
        var value = Evaluate(state, place);
        return value.Kind == CelKind.Bool ? value.AsBool : throw new RunbookException(place, source, $"gives {value.TypeName}, not true or false");
    }

    /// <summary>The value as text: a string as it stands, anything else as JSON.</summary>
    /// <exception cref="RunbookException">It has no value.</exception>
    public string EvaluateText(RunbookState state, string place)
    {
        var value = Evaluate(state, place);
        return value.Kind == CelKind.String ? value.AsString : ToJson(value, place) switch
        {
            null => "",
            JsonValue single when single.TryGetValue(out string? text) => text,
            var json => json.ToJsonString(),
        };
    }

    /// <summary>The value as JSON, with its type.</summary>
    /// <exception cref="RunbookException">It has no value.</exception>
    public JsonNode? EvaluateJson(RunbookState state, string place) => ToJson(Evaluate(state, place), place);

    private JsonNode? ToJson(CelValue value, string place)
    {
        try
        {
            return CelJson.ToJson(value);
        }
        catch (InvalidOperationException)
        {
            throw new RunbookException(place, source, $"gives {value.TypeName}, which cannot be written");
        }
    }

    private CelValue Evaluate(RunbookState state, string place)
    {
        var activation = program.Environment.NewActivation().Set("input", CelValue.From(state.Input)).Set("history", state.History).Set("steps", state.Steps);
        var value = program.Evaluate(activation, CelLimits.Default, state.Cancellation);
        return value.IsError ? throw new RunbookException(place, source, $"failed: {value.Error.Message}") : value;
    }
}
