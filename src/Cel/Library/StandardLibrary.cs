namespace Castellan.Cel.Library;

/// <summary>size, contains, startsWith, endsWith, matches, type and dyn.</summary>
/// <remarks>Source: cel-spec, doc/langdef.md, "List of Standard Definitions".</remarks>
internal static class StandardLibrary
{
    public static IEnumerable<CelOverload> Overloads()
    {
        var any = CelType.Parameter("A");
        CelType[] sized = [CelType.String, CelType.Bytes, CelType.List(any), CelType.Map(any, CelType.Parameter("B"))];
        foreach (var type in sized)
        {
            yield return CelOverload.Global("size", [type], CelType.Int, Size);
            yield return CelOverload.Member("size", [type], CelType.Int, Size);
        }
        yield return TextTest("contains", a => a[0].Text.Contains(a[1].Text, StringComparison.Ordinal)).WithEffort(CelOverload.EffortOfSearching);
        yield return TextTest("startsWith", a => a[0].Text.StartsWith(a[1].Text, StringComparison.Ordinal));
        yield return TextTest("endsWith", a => a[0].Text.EndsWith(a[1].Text, StringComparison.Ordinal));
        yield return CelOverload.Member("matches", [CelType.String, CelType.String], CelType.Bool, Matches).WithEffort(Patterns.EffortOfUse, Patterns.EffortOfUse);
        yield return CelOverload.Global("matches", [CelType.String, CelType.String], CelType.Bool, Matches).WithEffort(Patterns.EffortOfUse, Patterns.EffortOfUse);
        yield return CelOverload.Global("type", [any], CelType.TypeOf(CelType.Dyn), a => CelValue.From(a[0].RuntimeType));
        yield return CelOverload.Global("dyn", [any], CelType.Dyn, a => a[0]).WithExtent(a => a[0]);
    }

    private delegate bool Test(ReadOnlySpan<CelValue> arguments);

    private static CelOverload TextTest(string name, Test test) =>
        CelOverload.Member(name, [CelType.String, CelType.String], CelType.Bool, a => CelValue.From(test(a)));

    private static CelValue Size(ReadOnlySpan<CelValue> a) => CelValue.From((long)(a[0].Kind switch
    {
        CelKind.String => Text.Length(a[0].Text),
        CelKind.Bytes => a[0].Octets.Length,
        CelKind.List => a[0].AsList.Count,
        _ => a[0].AsMap.Count,
    }));

    private static CelValue Matches(ReadOnlySpan<CelValue> a)
    {
        var (regex, problem) = Patterns.Cached(a[1].Text);
        return regex is null ? CelValue.Fail(problem!) : Patterns.IsMatch(regex, a[0].Text);
    }
}
