using System.Text.Json.Nodes;

namespace Castellan.Cel;

/// <summary>One-off evaluation over JSON, for tools that ask once: the command line, tests of policies.</summary>
public static class CelQuery
{
    /// <summary>Compiles and evaluates an expression whose variables are JSON.</summary>
    /// <param name="expression">The text.</param>
    /// <param name="variables">Values by name; their types are known only at evaluation.</param>
    /// <param name="limits">How much the evaluation may do.</param>
    /// <param name="ct">Ends the evaluation.</param>
    /// <returns>The value; of kind Error when the evaluation failed.</returns>
    /// <exception cref="CelCompileException">The text is no expression, or names what is not given.</exception>
    /// <exception cref="FormatException">A JSON object has a member twice.</exception>
    public static CelValue Evaluate(string expression, IReadOnlyDictionary<string, JsonNode?> variables, CelLimits? limits = null, CancellationToken ct = default)
    {
        var environment = variables.Keys.Aggregate(CelEnvironment.Standard, (e, name) => e.WithVariable(name, CelType.Dyn));
        var activation = environment.NewActivation();
        foreach (var (name, value) in variables) activation.Set(name, value);
        return environment.Compile(expression).Evaluate(activation, limits, ct);
    }
}
