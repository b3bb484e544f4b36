using Castellan.Cel;

namespace Castellan.Policy.Guards;

/// <summary>The functions by which conditions look into arguments: <c>guard.secrets</c> and its kin. docs/policy.md describes them.</summary>
internal static class GuardLibrary
{
    public static CelOverload[] Overloads() =>
    [
        Scan("guard.secrets", GuardKinds.Secrets), Scan("guard.pii", GuardKinds.PersonalData), Scan("guard.injections", GuardKinds.Injections),
        CelOverload.Global("guard.hosts", [CelType.Dyn], CelType.List(CelType.String), a => CelValue.From(HostScan.In(a[0]))),
        CelOverload.Global("guard.isPrivate", [CelType.String], CelType.Bool, a => CelValue.From(NetworkRanges.IsPrivateHost(a[0].AsString))),
    ];

    private static CelOverload Scan(string name, GuardKinds kinds) =>
        CelOverload.Global(name, [CelType.Dyn], CelType.List(CelType.String), a => CelValue.From(GuardScan.NamesIn(a[0], kinds)));
}
