using Castellan.Cel.Evaluation;

namespace Castellan.Cel.Library;

/// <summary>slice, flatten, distinct, reverse, sort, first, last and lists.range.</summary>
internal static class ListsLibrary
{
    private const int LongestList = 1_000_000;

    public static IEnumerable<CelOverload> Overloads()
    {
        var any = CelType.Parameter("A");
        var list = CelType.List(any);
        return
        [
            CelOverload.Member("slice", [list, CelType.Int, CelType.Int], list, a => Slice(a[0].AsList, a[1].AsInt, a[2].AsInt)).WithExtent(Same),
            CelOverload.Member("flatten", [CelType.List(list)], list, a => Flatten(a[0].AsList, 1)).WithExtent(Flattened),
            CelOverload.Member("flatten", [CelType.AnyList], CelType.AnyList, a => Flatten(a[0].AsList, 1)).WithExtent(Flattened),
            CelOverload.Member("flatten", [CelType.AnyList, CelType.Int], CelType.AnyList, a => Flatten(a[0].AsList, a[1].AsInt)).WithExtent(Flattened),
            CelOverload.Member("distinct", [list], list, a => CelValue.From(new CelList(a[0].AsList.Distinct()))).WithExtent(Same),
            CelOverload.Member("reverse", [list], list, a => CelValue.From(new CelList(a[0].AsList.Reverse()))).WithExtent(Same),
            CelOverload.Member("sort", [list], list, a => Sort(a[0].AsList, a[0].AsList.Span.ToArray())).WithEffort(w => CelOverload.EffortOfSorting(w[0])).WithExtent(Same),
            CelOverload.Member("first", [list], CelType.Optional(any), a => a[0].AsList is { Count: > 0 } l ? CelValue.Some(l[0]) : CelValue.None).WithExtent(Element),
            CelOverload.Member("last", [list], CelType.Optional(any), a => a[0].AsList is { Count: > 0 } l ? CelValue.Some(l[^1]) : CelValue.None).WithExtent(Element),
            CelOverload.Global("lists.range", [CelType.Int], CelType.List(CelType.Int), a => Range(a[0].AsInt)).WithExtent(_ => new(LongestList, LongestList, 0)),
        ];
    }

    private static Extent Same(ReadOnlySpan<Extent> a) => a[0];

    private static Extent Element(ReadOnlySpan<Extent> a) => a[0].Item;

    private static Extent Flattened(ReadOnlySpan<Extent> a) => new(a[0].Weight, a[0].Weight, a[0].Element);

    /// <summary>The elements in the order of their keys, which must be comparable and of one type.</summary>
    public static CelValue Sort(CelList list, CelValue[] keys)
    {
        var items = list.Span.ToArray();
        foreach (var key in keys)
        {
            if (key.Kind != keys[0].Kind || CelEquality.Compare(key, key) is null) return CelValue.Fail($"{key.TypeName} cannot be ordered with {keys[0].TypeName}");
        }
        var order = Enumerable.Range(0, items.Length).OrderBy(i => keys[i], Comparer<CelValue>.Create(Compare)).ToArray();
        return CelValue.From(new CelList([.. order.Select(i => items[i])]));
    }

    private static int Compare(CelValue a, CelValue b) => CelEquality.Compare(a, b) ?? 0;

    private static CelValue Slice(CelList list, long start, long end) => start >= 0 && start <= end && end <= list.Count
        ? CelValue.From(new CelList(list.Span[(int)start..(int)end].ToArray()))
        : CelValue.Fail($"slice({start}, {end}) is outside a list of {list.Count}");

    private static CelValue Range(long count) => count switch
    {
        < 0 => CelValue.From(CelList.Empty),
        > LongestList => CelValue.Fail($"lists.range({count}) is too long; at most {LongestList} are allowed"),
        _ => CelValue.From(new CelList([.. Enumerable.Range(0, (int)count).Select(i => CelValue.From((long)i))])),
    };

    private static CelValue Flatten(CelList list, long depth)
    {
        if (depth < 0) return CelValue.Fail($"flatten({depth}): the depth must not be negative");
        var result = new List<CelValue>();
        Flatten(list, depth, result);
        return CelValue.From(new CelList(result.ToArray()));
    }

    private static void Flatten(CelList list, long depth, List<CelValue> result)
    {
        foreach (var item in list)
        {
            if (depth > 0 && item.Kind == CelKind.List) Flatten(item.AsList, depth - 1, result);
            else result.Add(item);
        }
    }
}
