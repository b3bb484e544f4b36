namespace Castellan.Cel.Evaluation;

/// <summary>True when all terms are; false as soon as one is, whatever the others are.</summary>
/// <remarks>Source: cel-spec, doc/langdef.md, "Logical Operators": an error counts only when the other terms do not decide.</remarks>
internal sealed class AndNode(Node[] terms, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var result = CelValue.True;
        foreach (var term in terms)
        {
            var value = term.Evaluate(ref frame);
            if (value.IsFalse) return value;
            if (!value.IsTrue) result = Undecided.Worse(result, value, offset);
        }
        return result;
    }

    public override Estimate Bound(Extent[] locals) => new(Undecided.CostOf(terms, locals), Extent.Scalar);
}

/// <summary>False when all terms are; true as soon as one is, whatever the others are.</summary>
internal sealed class OrNode(Node[] terms, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var result = CelValue.False;
        foreach (var term in terms)
        {
            var value = term.Evaluate(ref frame);
            if (value.IsTrue) return value;
            if (!value.IsFalse) result = Undecided.Worse(result, value, offset);
        }
        return result;
    }

    public override Estimate Bound(Extent[] locals) => new(Undecided.CostOf(terms, locals), Extent.Scalar);
}

/// <summary>Chooses among reasons why a logical expression is undecided: unknown first, then the first error.</summary>
internal static class Undecided
{
    public static long CostOf(Node[] terms, Extent[] locals)
    {
        var cost = 0L;
        foreach (var term in terms) cost = Cost.Sum(cost, term.Bound(locals).Cost);
        return cost;
    }

    public static CelValue Worse(in CelValue before, in CelValue now, int offset)
    {
        if (before.IsUnknown || now.IsUnknown) return CelValue.Unknown;
        if (before.IsError) return before;
        return now.IsError ? now : CelValue.Fail($"no such overload: {now.TypeName} where bool is needed", offset);
    }
}

internal sealed class ConditionalNode(Node condition, Node yes, Node no, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = condition.Evaluate(ref frame);
        if (value.IsTrue) return yes.Evaluate(ref frame);
        if (value.IsFalse) return no.Evaluate(ref frame);
        return value.IsValue ? CelValue.Fail($"no such overload: ?: with {value.TypeName} as condition", offset) : value;
    }

    public override Estimate Bound(Extent[] locals)
    {
        var (a, b) = (yes.Bound(locals), no.Bound(locals));
        return new(Cost.Sum(condition.Bound(locals).Cost, Math.Max(a.Cost, b.Cost)), a.Extent.Or(b.Extent));
    }
}

internal sealed class NotNode(Node operand, int offset) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        var value = operand.Evaluate(ref frame);
        if (value.Kind == CelKind.Bool) return CelValue.From(value.IsFalse);
        return value.IsValue ? CelValue.Fail($"no such overload: !{value.TypeName}", offset) : value;
    }

    public override Estimate Bound(Extent[] locals) => operand.Bound(locals) with { Extent = Extent.Scalar };
}

/// <summary><c>cel.bind</c>.</summary>
internal sealed class BindNode(int slot, Node value, Node body) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        frame.Locals[slot] = value.Evaluate(ref frame);
        return body.Evaluate(ref frame);
    }

    public override Estimate Bound(Extent[] locals)
    {
        var bound = value.Bound(locals);
        locals[slot] = bound.Extent;
        var result = body.Bound(locals);
        return result with { Cost = Cost.Sum(bound.Cost, result.Cost) };
    }
}

/// <summary><c>cel.block</c>.</summary>
internal sealed class BlockNode(int[] slots, Node[] values, Node body) : Node
{
    public override CelValue Evaluate(ref Frame frame)
    {
        for (var i = 0; i < slots.Length; i++) frame.Locals[slots[i]] = values[i].Evaluate(ref frame);
        return body.Evaluate(ref frame);
    }

    public override Estimate Bound(Extent[] locals)
    {
        var cost = 0L;
        for (var i = 0; i < slots.Length; i++)
        {
            var value = values[i].Bound(locals);
            (cost, locals[slots[i]]) = (Cost.Sum(cost, value.Cost), value.Extent);
        }
        var result = body.Bound(locals);
        return result with { Cost = Cost.Sum(cost, result.Cost) };
    }
}
