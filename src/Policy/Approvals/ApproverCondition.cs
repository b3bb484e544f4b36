using Castellan.Cel;

namespace Castellan.Policy;

/// <summary>The condition of a demand over who approves.</summary>
internal static class ApproverCondition
{
    private static readonly CelLimits Limits = new(Cost: 100_000);

    private static readonly CelType Approver = CelType.Object("approver", new("user", CelType.String), new("groups", CelType.List(CelType.String)));

    private static readonly CelEnvironment Environment = CallVocabulary.Environment.WithVariable("approver", Approver);

    /// <summary>What is wrong with a condition; empty when it compiles.</summary>
    public static IReadOnlyList<CelFault> Check(string text) => Environment.TryCompile(text, CelType.Bool, out _, out var faults) ? [] : faults;

    /// <summary>Asks whether the condition holds; one that fails does not hold, and says why.</summary>
    public static (bool Holds, string? Problem) Ask(string text, CallContext call, VerifiedApproval approval)
    {
        if (!Environment.TryCompile(text, CelType.Bool, out var program, out var faults)) return (false, faults[0].ToString());
        var activation = CallVocabulary.Activate(Environment.NewActivation(), call, isPartial: false)
            .Set("approver", CelValue.From(new FieldValues(Approver, [CelValue.From(approval.User), CelValue.From(approval.Groups)])));
        var value = program.Evaluate(activation, Limits, CancellationToken.None);
        return value.IsTrue ? (true, null) : (false, value.IsError ? program.Locate(value.Error)?.ToString() ?? value.Error.Message : null);
    }
}
