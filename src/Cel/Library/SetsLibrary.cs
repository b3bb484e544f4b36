namespace Castellan.Cel.Library;

/// <summary>sets.contains, sets.equivalent and sets.intersects on lists.</summary>
internal static class SetsLibrary
{
    public static IEnumerable<CelOverload> Overloads()
    {
        var list = CelType.List(CelType.Parameter("A"));
        return
        [
            CelOverload.Global("sets.contains", [list, list], CelType.Bool, a => CelValue.From(ContainsAll(a[0].AsList, a[1].AsList))),
            CelOverload.Global("sets.equivalent", [list, list], CelType.Bool, a =>
                CelValue.From(ContainsAll(a[0].AsList, a[1].AsList) && ContainsAll(a[1].AsList, a[0].AsList))),
            CelOverload.Global("sets.intersects", [list, list], CelType.Bool, a =>
            {
                var set = new HashSet<CelValue>(a[0].AsList);
                return CelValue.From(a[1].AsList.Any(set.Contains));
            }),
        ];
    }

    private static bool ContainsAll(CelList all, CelList some)
    {
        var set = new HashSet<CelValue>(all);
        return some.All(set.Contains);
    }
}
