using Castellan.Cel.Syntax;

namespace Castellan.Cel.Evaluation;

/// <summary>+ - * / %. Integers overflow into an error, never silently.</summary>
internal sealed class ArithmeticNode(Node left, Node right, string function, int offset) : BinaryNode(left, right)
{
    // A text beyond this would cost more memory than any expression of ours should take.
    internal const int LongestText = 16 * 1024 * 1024;

    protected override CelValue Apply(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.Charge(1);
        var result = (a.Kind, b.Kind) switch
        {
            (CelKind.Int, CelKind.Int) => Ints(a.AsInt, b.AsInt),
            (CelKind.Uint, CelKind.Uint) => Uints(a.AsUint, b.AsUint),
            (CelKind.Double, CelKind.Double) => Doubles(a.AsDouble, b.AsDouble),
            _ => function switch
            {
                Operators.Add => Sum(ref frame, a, b),
                Operators.Subtract => Difference(a, b),
                _ => null,
            },
        };
        return result is { } value
            ? value.IsError ? value.At(offset) : value
            : CelValue.Fail($"no such overload: {a.TypeName} {Operators.Written(function)} {b.TypeName}", offset);
    }

    // Whatever the operands are, at most both are read, and a text or list as long as both together is made.
    protected override Estimate Apply(in Extent a, in Extent b) =>
        function == Operators.Add ? new(Cost.Sum(1, a.Weight, b.Weight), a.Plus(b)) : new(1, Extent.Scalar);

    private CelValue? Ints(long a, long b)
    {
        if (b == 0 && function is Operators.Divide) return CelValue.Fail("divide by zero");
        if (b == 0 && function is Operators.Modulo) return CelValue.Fail("modulus by zero");
        var result = function switch
        {
            Operators.Add => (Int128)a + b,
            Operators.Subtract => (Int128)a - b,
            Operators.Multiply => (Int128)a * b,
            Operators.Divide => (Int128)a / b,
            _ => (Int128)a % b,
        };
        if (function == Operators.Modulo && a == long.MinValue && b == -1) return CelValue.Fail("integer overflow");
        return result > long.MaxValue || result < long.MinValue ? CelValue.Fail("integer overflow") : CelValue.From((long)result);
    }

    private CelValue? Uints(ulong a, ulong b)
    {
        if (b == 0 && function is Operators.Divide) return CelValue.Fail("divide by zero");
        if (b == 0 && function is Operators.Modulo) return CelValue.Fail("modulus by zero");
        var result = function switch
        {
            Operators.Add => (Int128)a + b,
            Operators.Subtract => (Int128)a - b,
            Operators.Multiply => a > 0 && b > ulong.MaxValue / a ? -1 : (Int128)a * b,
            Operators.Divide => a / b,
            _ => (Int128)(a % b),
        };
        return result > ulong.MaxValue || result < 0 ? CelValue.Fail("unsigned integer overflow") : CelValue.From((ulong)result);
    }

    private CelValue? Doubles(double a, double b) => function switch
    {
        Operators.Add => CelValue.From(a + b),
        Operators.Subtract => CelValue.From(a - b),
        Operators.Multiply => CelValue.From(a * b),
        Operators.Divide => CelValue.From(a / b),
        _ => null,
    };

    private static CelValue? Sum(ref Frame frame, in CelValue a, in CelValue b)
    {
        frame.ChargeFor(a);
        frame.ChargeFor(b);
        return (a.Kind, b.Kind) switch
        {
            (CelKind.String, CelKind.String) => a.Text.Length + b.Text.Length > LongestText ? throw LimitExceededException.TextTooLong() : CelValue.From(a.Text + b.Text),
            (CelKind.Bytes, CelKind.Bytes) => a.Octets.Length + b.Octets.Length > LongestText ? throw LimitExceededException.TextTooLong() : CelValue.From([.. a.Octets, .. b.Octets]),
            (CelKind.List, CelKind.List) => CelValue.From(new CelList([.. a.AsList.Span, .. b.AsList.Span])),
            (CelKind.Duration, CelKind.Duration) => Span(a.AsDuration.Add(b.AsDuration)),
            (CelKind.Timestamp, CelKind.Duration) => Time(a.AsTimestamp.Add(b.AsDuration)),
            (CelKind.Duration, CelKind.Timestamp) => Time(b.AsTimestamp.Add(a.AsDuration)),
            _ => null,
        };
    }

    private static CelValue? Difference(in CelValue a, in CelValue b) => (a.Kind, b.Kind) switch
    {
        (CelKind.Duration, CelKind.Duration) => Span(a.AsDuration.Subtract(b.AsDuration)),
        (CelKind.Timestamp, CelKind.Duration) => Time(a.AsTimestamp.Subtract(b.AsDuration)),
        (CelKind.Timestamp, CelKind.Timestamp) => Span(a.AsTimestamp.Subtract(b.AsTimestamp)),
        _ => null,
    };

    private static CelValue Span(CelDuration? span) => span is { } value ? CelValue.From(value) : CelValue.Fail("duration out of range");

    private static CelValue Time(CelTimestamp? time) => time is { } value ? CelValue.From(value) : CelValue.Fail("timestamp out of range");
}
