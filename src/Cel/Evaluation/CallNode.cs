using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Castellan.Cel.Evaluation;

/// <summary>Calls a function; which form is chosen by the arguments when the types leave it open.</summary>
internal sealed class CallNode(string name, Node[] arguments, CelOverload[] overloads, int offset) : Node
{
    private const int OnStack = 4;

    public override CelValue Evaluate(ref Frame frame)
    {
        var buffer = default(Buffer);
        var values = arguments.Length <= OnStack ? ((Span<CelValue>)buffer)[..arguments.Length] : new CelValue[arguments.Length];
        var failure = default(CelValue);
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Evaluate(ref frame);
            if (values[i].IsUnknown) failure = values[i];
            else if (values[i].IsError && failure.Kind == CelKind.Undefined) failure = values[i];
            frame.ChargeFor(values[i]);
        }
        if (failure.Kind != CelKind.Undefined) return failure;
        frame.Charge(1);
        foreach (var overload in overloads)
        {
            if (!overload.Accepts(values)) continue;
            if (overload.Cost is { } cost) frame.Charge(cost(values));
            return Finish(ref frame, overload.Implementation(values));
        }
        var types = new string[values.Length];
        for (var i = 0; i < types.Length; i++) types[i] = values[i].TypeName;
        return CelValue.Fail($"no such overload: {name}({string.Join(", ", types)})", offset);
    }

    private CelValue Finish(ref Frame frame, in CelValue result)
    {
        if (result.IsError) return result.At(offset);
        frame.ChargeFor(result);
        return result;
    }

    [InlineArray(OnStack)]
    private struct Buffer
    {
        private CelValue first;
    }
}

/// <summary><c>text.matches('pattern')</c> with a constant pattern.</summary>
internal sealed class MatchesNode(Node operand, Regex pattern, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (!value.IsValue) return value;
        if (value.Kind != CelKind.String) return CelValue.Fail($"no such overload: {value.TypeName}.matches(string)", offset);
        frame.Charge(1 + (value.Text.Length / 10));
        return Library.Patterns.IsMatch(pattern, value.Text);
    }
}
