using Castellan.Cel;

namespace Castellan.Policy.Guards;

/// <summary>The functions by which conditions look into arguments: <c>guard.secrets</c> and its kin. docs/policy.md describes them.</summary>
internal static class GuardLibrary
{
    // A character is looked at by each scanner; as all functions, one unit for ten characters.
    private const int CharactersPerUnit = 10;

    public static CelOverload[] Overloads() =>
    [
        Scan("guard.secrets", GuardKinds.Secrets), Scan("guard.pii", GuardKinds.PersonalData), Scan("guard.injections", GuardKinds.Injections),
        CelOverload.Global("guard.hosts", [CelType.Dyn], CelType.List(CelType.String), a => CelValue.From(HostScan.In(a[0]))).Costing(a => SizeOf(a[0], 0)),
        CelOverload.Global("guard.isPrivate", [CelType.String], CelType.Bool, a => CelValue.From(NetworkRanges.IsPrivateHost(a[0].AsString))),
    ];

    private static CelOverload Scan(string name, GuardKinds kinds) =>
        CelOverload.Global(name, [CelType.Dyn], CelType.List(CelType.String), a => CelValue.From(GuardScan.NamesIn(a[0], kinds))).Costing(a => SizeOf(a[0], 0));

    private static long SizeOf(in CelValue value, int depth)
    {
        long size = 1;
        switch (value.Kind)
        {
            case CelKind.String:
                return 1 + (value.AsString.Length / CharactersPerUnit);
            case CelKind.List when depth < 200:
                foreach (var item in value.AsList) size += SizeOf(item, depth + 1);
                return size;
            case CelKind.Map when depth < 200:
                foreach (var (key, inner) in value.AsMap) size += SizeOf(key, depth + 1) + SizeOf(inner, depth + 1);
                return size;
            default:
                return size;
        }
    }
}
