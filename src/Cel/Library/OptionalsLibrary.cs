namespace Castellan.Cel.Library;

/// <summary>Values that may be absent. <c>.?</c>, <c>[?]</c>, or, orValue, optMap and optFlatMap are built in.</summary>
internal static class OptionalsLibrary
{
    public static IEnumerable<CelOverload> Overloads()
    {
        var any = CelType.Parameter("A");
        var optional = CelType.Optional(any);
        return
        [
            CelOverload.Global("optional.none", [], optional, _ => CelValue.None),
            CelOverload.Global("optional.of", [any], optional, a => CelValue.Some(a[0])).WithExtent(a => a[0]),
            CelOverload.Global("optional.ofNonZeroValue", [any], optional, a => a[0].IsZero ? CelValue.None : CelValue.Some(a[0])).WithExtent(a => a[0]),
            CelOverload.Global("optional.unwrap", [CelType.List(optional)], CelType.List(any), Unwrap),
            CelOverload.Member("unwrapOpt", [CelType.List(optional)], CelType.List(any), Unwrap),
            CelOverload.Member("hasValue", [optional], CelType.Bool, a => CelValue.From(a[0].OptionalValue is not null)),
            CelOverload.Member("value", [optional], any, a => a[0].OptionalValue ?? CelValue.Fail("the optional has no value; test it with hasValue() or use orValue()")),
            // Evaluated by a node of their own, because the alternative is evaluated only when needed.
            CelOverload.Member("or", [optional, optional], optional, a => a[0].OptionalValue is null ? a[1] : a[0]),
            CelOverload.Member("orValue", [optional, any], any, a => a[0].OptionalValue ?? a[1]),
        ];
    }

    private static CelValue Unwrap(ReadOnlySpan<CelValue> a)
    {
        var values = new List<CelValue>();
        foreach (var item in a[0].AsList)
        {
            if (item.Kind != CelKind.Optional) return CelValue.Fail($"unwrap needs a list of optionals, not of {item.TypeName}");
            if (item.OptionalValue is { } value) values.Add(value);
        }
        return CelValue.From(new CelList(values.ToArray()));
    }
}
