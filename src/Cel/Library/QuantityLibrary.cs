namespace Castellan.Cel.Library;

/// <summary>Kubernetes' quantity functions.</summary>
/// <remarks>Source: Kubernetes documentation, "Common Expression Language in Kubernetes", "Kubernetes quantity library".</remarks>
internal static class QuantityLibrary
{
    private static readonly CelType Q = Quantity.CelType;

    public static IEnumerable<CelOverload> Overloads() =>
    [
        CelOverload.Global("quantity", [CelType.String], Q, a =>
            Quantity.Parse(a[0].Text) is { } quantity ? CelValue.From(quantity) : CelValue.Fail($"{Formatting.Hint(a[0])} is no quantity; write it as 500m, 2 or 1.5Gi")),
        CelOverload.Global("isQuantity", [CelType.String], CelType.Bool, a => CelValue.From(Quantity.Parse(a[0].Text) is not null)),
        CelOverload.Member("sign", [Q], CelType.Int, a => CelValue.From((long)Of(a[0]).Nanos.Sign)),
        CelOverload.Member("add", [Q, Q], Q, a => CelValue.From(Quantity.Of(Of(a[0]).Nanos + Of(a[1]).Nanos))),
        CelOverload.Member("add", [Q, CelType.Int], Q, a => CelValue.From(Quantity.Of(Of(a[0]).Nanos + Nanos(a[1])))),
        CelOverload.Member("sub", [Q, Q], Q, a => CelValue.From(Quantity.Of(Of(a[0]).Nanos - Of(a[1]).Nanos))),
        CelOverload.Member("sub", [Q, CelType.Int], Q, a => CelValue.From(Quantity.Of(Of(a[0]).Nanos - Nanos(a[1])))),
        CelOverload.Member("isLessThan", [Q, Q], CelType.Bool, a => CelValue.From(Of(a[0]).Nanos < Of(a[1]).Nanos)),
        CelOverload.Member("isGreaterThan", [Q, Q], CelType.Bool, a => CelValue.From(Of(a[0]).Nanos > Of(a[1]).Nanos)),
        CelOverload.Member("compareTo", [Q, Q], CelType.Int, a => CelValue.From((long)Of(a[0]).Nanos.CompareTo(Of(a[1]).Nanos))),
        CelOverload.Member("isInteger", [Q], CelType.Bool, a => CelValue.From(Of(a[0]).IsWhole)),
        CelOverload.Member("asInteger", [Q], CelType.Int, a => Of(a[0]).IsWhole ? CelValue.From(Of(a[0]).Whole) : CelValue.Fail("the quantity is no integer of 64 bits")),
        CelOverload.Member("asApproximateFloat", [Q], CelType.Double, a => CelValue.From(Of(a[0]).Approximate)),
    ];

    private static Quantity Of(in CelValue value) => (Quantity)value.AsOpaque;

    private static System.Numerics.BigInteger Nanos(in CelValue whole) => new System.Numerics.BigInteger(whole.AsInt) * 1_000_000_000;
}
