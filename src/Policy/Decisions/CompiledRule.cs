using Castellan.AgentApi.V1Alpha1;
using Castellan.Cel;

namespace Castellan.Policy;

/// <summary>A rule, ready to be asked.</summary>
/// <param name="Policy">Its policy, as namespace/name.</param>
/// <param name="Rule">What was declared.</param>
/// <param name="When">The compiled condition; absent matches every call.</param>
/// <param name="Fault">Why the rule cannot be asked; it then denies whatever its policy covers.</param>
internal sealed record CompiledRule(string Policy, PolicyRule Rule, CelProgram? When, PolicyFault? Fault)
{
    private static readonly CelLimits Limits = new(Cost: 100_000);

    /// <summary>Asks whether the rule matches.</summary>
    /// <returns>True, false, unknown, or an error that says what failed.</returns>
    public CelValue Match(CelActivation call, CancellationToken ct)
    {
        if (Fault is not null) return CelValue.Fail($"the rule is faulty: {Fault.Message}");
        if (When is null) return CelValue.True;
        var value = When.Evaluate(call, Limits, ct);
        if (value.IsError) return CelValue.Fail(When.Locate(value.Error)?.ToString() ?? value.Error.Message);
        return value.Kind is CelKind.Bool or CelKind.Unknown ? value : CelValue.Fail($"the condition gives {value.TypeName}, not bool");
    }
}
