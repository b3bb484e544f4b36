namespace Castellan.LocalCluster.Authentication;

/// <summary>Who makes a request.</summary>
/// <param name="Name">User name, for example <c>system:serviceaccount:default:agent-triage</c>.</param>
/// <param name="Groups">Groups, <c>system:authenticated</c> included.</param>
internal sealed record UserInfo(string Name, IReadOnlyList<string> Groups)
{
    public const string Authenticated = "system:authenticated";
    public const string Masters = "system:masters";
    public const string ServiceAccountPrefix = "system:serviceaccount:";

    public string Uid { get; init; } = "";

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>A user with <c>system:authenticated</c> added to its groups.</summary>
    public static UserInfo Of(string name, IEnumerable<string> groups, string uid = "") =>
        new(name, [.. groups.Append(Authenticated).Distinct(StringComparer.Ordinal)]) { Uid = uid };

    public static UserInfo ServiceAccount(string ns, string name, string uid) =>
        Of($"{ServiceAccountPrefix}{ns}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{ns}"], uid);
}
