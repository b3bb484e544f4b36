using Castellan.Cel;

namespace Castellan.LocalCluster.Schemas;

/// <summary>One entry of x-kubernetes-validations.</summary>
internal sealed class CelRule
{
    /// <summary>What a rule may name: the value, and for rules about transitions the value before.</summary>
    private static readonly CelEnvironment Environment = CelEnvironment.Standard.WithVariable("self", CelType.Dyn).WithVariable("oldSelf", CelType.Dyn);

    private readonly Lazy<(CelProgram? Program, CelProgram? Message, IReadOnlyList<CelFault> Faults)> compiled;

    public CelRule(string rule, string? message, string? messageExpression)
    {
        (Rule, Message) = (rule, message);
        compiled = new(() =>
        {
            CelProgram? wording = null;
            if (!Environment.TryCompile(rule, CelType.Bool, out var program, out var faults)) return (null, null, faults);
            if (messageExpression is not null && !Environment.TryCompile(messageExpression, CelType.String, out wording, out faults)) return (null, null, faults);
            return (program, wording, []);
        });
    }

    public string Rule { get; }

    public string? Message { get; }

    /// <summary>The reason of a failure, <c>FieldValueInvalid</c> unless the rule names another.</summary>
    public string? Reason { get; init; }

    /// <summary>The field the failure is about, relative to the value, for example <c>.name</c>.</summary>
    public string? FieldPath { get; init; }

    /// <summary>Compares with the state before; not checked at creation.</summary>
    public bool IsTransition => Rule.Contains("oldSelf", StringComparison.Ordinal);

    public IReadOnlyList<CelFault> Faults => compiled.Value.Faults;

    /// <returns>Null when the rule holds, otherwise what is wrong.</returns>
    public string? Check(CelValue self, CelValue? old)
    {
        var (program, wording, faults) = compiled.Value;
        if (program is null) return $"rule cannot be compiled: {faults[0]}";
        var activation = Environment.NewActivation().Set("self", self);
        if (old is { } before) activation.Set("oldSelf", before);
        var result = program.Evaluate(activation);
        if (result.IsTrue) return null;
        if (result.IsError) return $"no such rule outcome for {Rule}: {result.Error.Message}";
        if (wording?.Evaluate(activation) is { Kind: CelKind.String } text) return text.AsString;
        return Message ?? $"failed rule: {Rule.ReplaceLineEndings(" ").Trim()}";
    }
}
