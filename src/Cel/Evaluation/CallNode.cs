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
            frame.Charge(overload.EffortOf(values));
            return Finish(ref frame, overload.Implementation(values));
        }
        var types = new string[values.Length];
        for (var i = 0; i < types.Length; i++) types[i] = values[i].TypeName;
        return CelValue.Fail($"no such overload: {name}({string.Join(", ", types)})", offset);
    }

    public override Estimate Bound(Extent[] locals)
    {
        // Unchecked, forms with other numbers of arguments may be among them; they are never called.
        var forms = overloads.Where(o => o.Parameters.Length == arguments.Length).ToArray();
        var extents = new Extent[arguments.Length];
        var weights = new long[arguments.Length];
        var cost = 1L;
        for (var i = 0; i < extents.Length; i++)
        {
            var argument = arguments[i].Bound(locals);
            extents[i] = forms.Length > 0 && forms.All(o => o.TakesText(i)) ? argument.Extent.AsText : argument.Extent;
            weights[i] = extents[i].Weight;
            cost = Cost.Sum(cost, argument.Cost, weights[i]);
        }
        var (effort, result) = (0L, Extent.Scalar);
        foreach (var overload in forms)
        {
            effort = Math.Max(effort, overload.EffortOf(weights));
            result = result.Or(overload.ResultOf(extents));
        }
        return new(Cost.Sum(cost, effort, result.Weight), result);
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
    private readonly long effortPerUnit = Library.Patterns.EffortOf(pattern);

    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (!value.IsValue) return value;
        if (value.Kind != CelKind.String) return CelValue.Fail($"no such overload: {value.TypeName}.matches(string)", offset);
        frame.Charge(1 + (value.Text.Length / 10 * effortPerUnit));
        return Library.Patterns.IsMatch(pattern, value.Text);
    }

    public override Estimate Bound(Extent[] locals)
    {
        var (cost, extent) = operand.Bound(locals);
        return new(Cost.Sum(1, cost, Cost.Product(extent.AsText.Weight, effortPerUnit)), Extent.Scalar);
    }
}
