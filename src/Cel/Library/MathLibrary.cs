namespace Castellan.Cel.Library;

/// <summary>The math extension.</summary>
internal static class MathLibrary
{
    private static readonly CelType I = CelType.Int;
    private static readonly CelType U = CelType.Uint;
    private static readonly CelType D = CelType.Double;

    public static IEnumerable<CelOverload> Overloads() =>
    [
        .. Extremes("math.greatest", 1),
        .. Extremes("math.least", -1),
        CelOverload.Global("math.ceil", [D], D, a => CelValue.From(Math.Ceiling(a[0].AsDouble))),
        CelOverload.Global("math.floor", [D], D, a => CelValue.From(Math.Floor(a[0].AsDouble))),
        CelOverload.Global("math.round", [D], D, a => CelValue.From(Math.Round(a[0].AsDouble, MidpointRounding.AwayFromZero))),
        CelOverload.Global("math.trunc", [D], D, a => CelValue.From(Math.Truncate(a[0].AsDouble))),
        CelOverload.Global("math.abs", [I], I, a => a[0].AsInt == long.MinValue ? CelValue.Fail("integer overflow") : CelValue.From(Math.Abs(a[0].AsInt))),
        CelOverload.Global("math.abs", [U], U, a => a[0]),
        CelOverload.Global("math.abs", [D], D, a => CelValue.From(Math.Abs(a[0].AsDouble))),
        CelOverload.Global("math.sign", [I], I, a => CelValue.From((long)Math.Sign(a[0].AsInt))),
        CelOverload.Global("math.sign", [U], U, a => CelValue.From(a[0].AsUint > 0 ? 1UL : 0UL)),
        CelOverload.Global("math.sign", [D], D, a => double.IsNaN(a[0].AsDouble) ? a[0] : CelValue.From((double)Math.Sign(a[0].AsDouble))),
        CelOverload.Global("math.sqrt", [I], D, a => CelValue.From(Math.Sqrt(a[0].AsInt))),
        CelOverload.Global("math.sqrt", [U], D, a => CelValue.From(Math.Sqrt(a[0].AsUint))),
        CelOverload.Global("math.sqrt", [D], D, a => CelValue.From(Math.Sqrt(a[0].AsDouble))),
        CelOverload.Global("math.isNaN", [D], CelType.Bool, a => CelValue.From(double.IsNaN(a[0].AsDouble))),
        CelOverload.Global("math.isInf", [D], CelType.Bool, a => CelValue.From(double.IsInfinity(a[0].AsDouble))),
        CelOverload.Global("math.isFinite", [D], CelType.Bool, a => CelValue.From(double.IsFinite(a[0].AsDouble))),
        .. Bits("math.bitAnd", (x, y) => x & y),
        .. Bits("math.bitOr", (x, y) => x | y),
        .. Bits("math.bitXor", (x, y) => x ^ y),
        CelOverload.Global("math.bitNot", [I], I, a => CelValue.From(~a[0].AsInt)),
        CelOverload.Global("math.bitNot", [U], U, a => CelValue.From(~a[0].AsUint)),
        .. Shifts("math.bitShiftLeft", (x, by) => x << by),
        .. Shifts("math.bitShiftRight", (x, by) => x >> by),
    ];

    private static IEnumerable<CelOverload> Extremes(string name, int sign)
    {
        CelType[] numbers = [I, U, D];
        foreach (var x in numbers)
        {
            yield return CelOverload.Global(name, [x], x, a => a[0]);
            yield return CelOverload.Global(name, [CelType.List(x)], x, a => Extreme(a[0].AsList.Span, sign));
            foreach (var y in numbers)
            {
                yield return CelOverload.Global(name, [x, y], x == y ? x : CelType.Dyn, a => Extreme(a, sign));
            }
        }
    }

    private static CelValue Extreme(ReadOnlySpan<CelValue> values, int sign)
    {
        if (values.Length == 0) return CelValue.Fail("the list has no numbers");
        foreach (var value in values)
        {
            if (!CelEquality.IsNumber(value.Kind)) return CelValue.Fail($"no such overload: {value.TypeName} is no number");
        }
        var best = values[0];
        foreach (var value in values[1..])
        {
            if (CelEquality.Compare(value, best) * sign > 0) best = value;
        }
        return best;
    }

    private static IEnumerable<CelOverload> Bits(string name, Func<ulong, ulong, ulong> apply) =>
    [
        CelOverload.Global(name, [I, I], I, a => CelValue.From(unchecked((long)apply((ulong)a[0].AsInt, (ulong)a[1].AsInt)))),
        CelOverload.Global(name, [U, U], U, a => CelValue.From(apply(a[0].AsUint, a[1].AsUint))),
    ];

    /// <summary>Shifts are logical; by 64 and more they give 0.</summary>
    private static IEnumerable<CelOverload> Shifts(string name, Func<ulong, int, ulong> apply) =>
    [
        CelOverload.Global(name, [I, I], I, a => Shift(unchecked((ulong)a[0].AsInt), a[1].AsInt, apply) is { } bits ? CelValue.From(unchecked((long)bits)) : Negative(a[1])),
        CelOverload.Global(name, [U, I], U, a => Shift(a[0].AsUint, a[1].AsInt, apply) is { } bits ? CelValue.From(bits) : Negative(a[1])),
    ];

    private static ulong? Shift(ulong value, long by, Func<ulong, int, ulong> apply) => by < 0 ? null : by >= 64 ? 0 : apply(value, (int)by);

    private static CelValue Negative(in CelValue by) => CelValue.Fail($"the bits cannot be shifted by {by}; the offset must not be negative");
}
