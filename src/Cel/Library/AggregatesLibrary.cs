namespace Castellan.Cel.Library;

/// <summary>Kubernetes' list functions: isSorted, sum, min, max, indexOf and lastIndexOf.</summary>
/// <remarks>Source: Kubernetes documentation, "Common Expression Language in Kubernetes", "Kubernetes list library".</remarks>
internal static class AggregatesLibrary
{
    public static IEnumerable<CelOverload> Overloads()
    {
        var any = CelType.Parameter("A");
        var list = CelType.List(any);
        return
        [
            CelOverload.Member("isSorted", [list], CelType.Bool, a => IsSorted(a[0].AsList)),
            CelOverload.Member("sum", [CelType.List(CelType.Int)], CelType.Int, a => Sum(a[0].AsList)),
            CelOverload.Member("sum", [CelType.List(CelType.Uint)], CelType.Uint, a => Sum(a[0].AsList)),
            CelOverload.Member("sum", [CelType.List(CelType.Double)], CelType.Double, a => Sum(a[0].AsList)),
            CelOverload.Member("sum", [CelType.List(CelType.Duration)], CelType.Duration, a => Sum(a[0].AsList)),
            CelOverload.Member("min", [list], any, a => Extreme(a[0].AsList, -1)),
            CelOverload.Member("max", [list], any, a => Extreme(a[0].AsList, 1)),
            CelOverload.Member("indexOf", [list, any], CelType.Int, a => IndexOf(a[0].AsList, a[1], fromEnd: false)),
            CelOverload.Member("lastIndexOf", [list, any], CelType.Int, a => IndexOf(a[0].AsList, a[1], fromEnd: true)),
        ];
    }

    private static CelValue IsSorted(CelList list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (CelEquality.Compare(list[i - 1], list[i]) is not { } order) return NoOrder(list[i - 1], list[i]);
            if (order > 0) return CelValue.False;
        }
        return CelValue.True;
    }

    private static CelValue Extreme(CelList list, int sign)
    {
        if (list.Count == 0) return CelValue.Fail("an empty list has neither min nor max");
        var best = list[0];
        for (var i = 1; i < list.Count; i++)
        {
            if (CelEquality.Compare(list[i], best) is not { } order) return NoOrder(list[i], best);
            if (Math.Sign(order) == sign) best = list[i];
        }
        return best;
    }

    private static CelValue Sum(CelList list)
    {
        if (list.Count == 0) return CelValue.From(0L);
        var frame = new Evaluation.Frame([], [], long.MaxValue, CancellationToken.None);
        var total = list[0];
        for (var i = 1; i < list.Count && total.IsValue; i++)
        {
            var add = new Evaluation.ArithmeticNode(new Evaluation.ConstantNode(total), new Evaluation.ConstantNode(list[i]), Syntax.Operators.Add, -1);
            total = add.Evaluate(ref frame);
        }
        return total.Kind is CelKind.Int or CelKind.Uint or CelKind.Double or CelKind.Duration || total.IsError ? total : CelValue.Fail($"{total.TypeName} cannot be summed");
    }

    private static CelValue IndexOf(CelList list, CelValue wanted, bool fromEnd)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var at = fromEnd ? list.Count - 1 - i : i;
            if (CelEquality.AreEqual(list[at], wanted)) return CelValue.From((long)at);
        }
        return CelValue.From(-1L);
    }

    private static CelValue NoOrder(in CelValue a, in CelValue b) => CelValue.Fail($"{a.TypeName} cannot be ordered with {b.TypeName}");
}
