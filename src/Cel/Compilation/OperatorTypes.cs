using System.Collections.Frozen;
using System.Collections.Immutable;
using Castellan.Cel.Syntax;

namespace Castellan.Cel.Compilation;

/// <summary>Which types the operators take and give.</summary>
/// <remarks>Source: cel-spec, doc/langdef.md, "List of Standard Definitions".</remarks>
internal static class OperatorTypes
{
    private static readonly FrozenDictionary<string, ImmutableArray<OperatorForm>> Forms = All().ToFrozenDictionary(f => f.Key, f => f.Value);

    public static bool TryGet(string name, out ImmutableArray<OperatorForm> forms) => Forms.TryGetValue(name, out forms);

    private static Dictionary<string, ImmutableArray<OperatorForm>> All()
    {
        var a = CelType.Parameter("A");
        var b = CelType.Parameter("B");
        var (listOfA, mapOfAB) = (CelType.List(a), CelType.Map(a, b));
        var (time, span) = (CelType.Timestamp, CelType.Duration);
        ImmutableArray<OperatorForm> numbers = [Same(CelType.Int), Same(CelType.Uint), Same(CelType.Double)];
        ImmutableArray<OperatorForm> order = Order();
        ImmutableArray<OperatorForm> equality = [new([a, a], CelType.Bool)];
        return new()
        {
            [Operators.Add] =
            [
                .. numbers, Same(CelType.String), Same(CelType.Bytes), Same(listOfA), Same(span),
                new([time, span], time), new([span, time], time),
            ],
            [Operators.Subtract] = [.. numbers, Same(span), new([time, span], time), new([time, time], span)],
            [Operators.Multiply] = numbers,
            [Operators.Divide] = numbers,
            [Operators.Modulo] = [Same(CelType.Int), Same(CelType.Uint)],
            [Operators.Negate] = [new([CelType.Int], CelType.Int), new([CelType.Double], CelType.Double), new([span], span)],
            [Operators.Not] = [new([CelType.Bool], CelType.Bool)],
            [Operators.Equal] = equality,
            [Operators.NotEqual] = equality,
            [Operators.Less] = order,
            [Operators.LessEqual] = order,
            [Operators.Greater] = order,
            [Operators.GreaterEqual] = order,
            [Operators.In] = [new([a, listOfA], CelType.Bool), new([a, mapOfAB], CelType.Bool)],
            [Operators.Index] =
            [
                new([listOfA, CelType.Int], a), new([mapOfAB, a], b),
                new([CelType.Optional(listOfA), CelType.Int], CelType.Optional(a)), new([CelType.Optional(mapOfAB), a], CelType.Optional(b)),
            ],
            [Operators.OptionalIndex] =
            [
                new([listOfA, CelType.Int], CelType.Optional(a)), new([mapOfAB, a], CelType.Optional(b)),
                new([CelType.Optional(listOfA), CelType.Int], CelType.Optional(a)), new([CelType.Optional(mapOfAB), a], CelType.Optional(b)),
            ],
        };
    }

    private static ImmutableArray<OperatorForm> Order()
    {
        CelType[] numbers = [CelType.Int, CelType.Uint, CelType.Double];
        CelType[] others = [CelType.Bool, CelType.String, CelType.Bytes, CelType.Timestamp, CelType.Duration];
        return
        [
            .. numbers.SelectMany(x => numbers.Select(y => new OperatorForm([x, y], CelType.Bool))),
            .. others.Select(x => new OperatorForm([x, x], CelType.Bool)),
        ];
    }

    private static OperatorForm Same(CelType type) => new([type, type], type);
}
