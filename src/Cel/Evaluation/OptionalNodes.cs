namespace Castellan.Cel.Evaluation;

/// <summary><c>optMap</c> and <c>optFlatMap</c>.</summary>
internal sealed class OptionalMapNode(Node range, int slot, Node body, bool flat) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = range.Evaluate(ref frame);
        if (!value.IsValue) return value;
        if (value.Kind != CelKind.Optional) return CelValue.Fail($"no such overload: {value.TypeName} is not optional");
        if (value.OptionalValue is not { } inner) return value;
        frame.Charge(1);
        frame.Locals[slot] = inner;
        var result = body.Evaluate(ref frame);
        if (!result.IsValue) return result;
        if (!flat) return CelValue.Some(result);
        return result.Kind == CelKind.Optional ? result : CelValue.Fail($"optFlatMap needs an optional, not {result.TypeName}");
    }

    public override Estimate Bound(Extent[] locals)
    {
        var value = range.Bound(locals);
        locals[slot] = value.Extent;
        var result = body.Bound(locals);
        return result with { Cost = Cost.Sum(1, value.Cost, result.Cost) };
    }
}

/// <summary><c>a.or(b)</c> and <c>a.orValue(b)</c>: the alternative is evaluated only when it is needed.</summary>
internal sealed class OptionalElseNode(Node operand, Node alternative, bool unwrap, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (!value.IsValue) return value;
        if (value.Kind != CelKind.Optional) return CelValue.Fail($"no such overload: {value.TypeName} is not optional", offset);
        if (value.OptionalValue is { } inner) return unwrap ? inner : value;
        var other = alternative.Evaluate(ref frame);
        return unwrap || !other.IsValue || other.Kind == CelKind.Optional
            ? other
            : CelValue.Fail($"no such overload: or({other.TypeName})", offset);
    }

    public override Estimate Bound(Extent[] locals)
    {
        var (a, b) = (operand.Bound(locals), alternative.Bound(locals));
        return new(Cost.Sum(a.Cost, b.Cost), a.Extent.Or(b.Extent));
    }
}
