namespace Castellan.Cel.Library;

/// <summary>Kubernetes' semantic version functions.</summary>
/// <remarks>Source: Kubernetes documentation, "Common Expression Language in Kubernetes", "Kubernetes semver library".</remarks>
internal static class SemverLibrary
{
    private static readonly CelType V = SemanticVersion.CelType;

    public static IEnumerable<CelOverload> Overloads() =>
    [
        CelOverload.Global("semver", [CelType.String], V, a => Read(a[0], false)),
        CelOverload.Global("semver", [CelType.String, CelType.Bool], V, a => Read(a[0], a[1].AsBool)),
        CelOverload.Global("isSemver", [CelType.String], CelType.Bool, a => CelValue.From(SemanticVersion.Parse(a[0].Text) is not null)),
        CelOverload.Global("isSemver", [CelType.String, CelType.Bool], CelType.Bool, a => CelValue.From(SemanticVersion.Parse(a[0].Text, a[1].AsBool) is not null)),
        CelOverload.Member("major", [V], CelType.Int, a => CelValue.From(Of(a[0]).Numbers[0])),
        CelOverload.Member("minor", [V], CelType.Int, a => CelValue.From(Of(a[0]).Numbers[1])),
        CelOverload.Member("patch", [V], CelType.Int, a => CelValue.From(Of(a[0]).Numbers[2])),
        CelOverload.Member("compareTo", [V, V], CelType.Int, a => CelValue.From((long)Of(a[0]).CompareTo(Of(a[1])))),
        CelOverload.Member("isLessThan", [V, V], CelType.Bool, a => CelValue.From(Of(a[0]).CompareTo(Of(a[1])) < 0)),
        CelOverload.Member("isGreaterThan", [V, V], CelType.Bool, a => CelValue.From(Of(a[0]).CompareTo(Of(a[1])) > 0)),
    ];

    private static CelValue Read(in CelValue text, bool normalize) => SemanticVersion.Parse(text.Text, normalize) is { } version
        ? CelValue.From(version)
        : CelValue.Fail($"{Formatting.Hint(text)} is no semantic version; write it as 1.2.3");

    private static SemanticVersion Of(in CelValue value) => (SemanticVersion)value.AsOpaque;
}
