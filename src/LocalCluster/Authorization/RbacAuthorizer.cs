using System.Text.Json.Nodes;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Authorization;

/// <summary>Role-based access control over the Roles, ClusterRoles and bindings in the store. What no rule allows is refused.</summary>
/// <remarks>The bindings are read into an index by subject, which is built anew after one of these objects changed.</remarks>
internal sealed class RbacAuthorizer(ObjectStore store)
{
    public const string Group = "rbac.authorization.k8s.io";
    private static readonly string[] Resources = [Group + "/clusterroles", Group + "/roles", Group + "/clusterrolebindings", Group + "/rolebindings"];

    private readonly Lock gate = new();
    private Dictionary<string, List<Grant>> bySubject = [];
    private long builtAt = -1;

    public bool IsAllowed(AccessRequest request)
    {
        if (request.User.Groups.Contains(UserInfo.Masters)) return true;
        foreach (var grant in GrantsOf(request.User))
        {
            if (grant.Namespace is { } ns && (!request.IsResource || ns != request.Namespace)) continue;
            foreach (var rule in grant.Rules)
            {
                if (rule.Allows(request)) return true;
            }
        }
        return false;
    }

    /// <summary>Every rule that holds for a user in a namespace (empty: cluster-wide rules only).</summary>
    public IEnumerable<PolicyRule> RulesOf(UserInfo user, string ns)
    {
        if (user.Groups.Contains(UserInfo.Masters))
        {
            yield return new PolicyRule(["*"], ["*"], ["*"], [], []);
            yield return new PolicyRule(["*"], [], [], [], ["*"]);
        }
        foreach (var grant in GrantsOf(user))
        {
            if (grant.Namespace is not null && grant.Namespace != ns) continue;
            foreach (var rule in grant.Rules) yield return rule;
        }
    }

    /// <summary>The rules of a role that a binding refers to; none when it does not exist.</summary>
    public IReadOnlyList<PolicyRule> RulesOfRole(string kind, string name, string ns)
    {
        var key = kind == "ClusterRole" ? new ObjectKey(Resources[0], "", name) : new ObjectKey(Resources[1], ns, name);
        return store.Find(key) is { } role ? [.. RulesOf(role)] : [];
    }

    /// <summary>A role's own rules and, for a ClusterRole that aggregates, those of the roles it selects.</summary>
    private IEnumerable<PolicyRule> RulesOf(StoredObject role)
    {
        var json = JsonObjects.Parse(role.Json);
        var rules = PolicyRule.ReadAll(json);
        foreach (var selector in json.Object("aggregationRule").Array("clusterRoleSelectors").Objects())
        {
            if (selector.Object("matchLabels") is not { Count: > 0 } labels) continue;
            rules = rules.Concat(store.List(Resources[0], null).Items
                .Where(other => other.Key.Name != role.Key.Name && labels.All(l => other.Labels.GetValueOrDefault(l.Key) == l.Value?.ToString()))
                .SelectMany(other => PolicyRule.ReadAll(JsonObjects.Parse(other.Json))));
        }
        return rules;
    }

    private IEnumerable<Grant> GrantsOf(UserInfo user)
    {
        var index = Index();
        var found = index.GetValueOrDefault("User:" + user.Name) ?? [];
        foreach (var group in user.Groups)
        {
            if (index.TryGetValue("Group:" + group, out var more)) found = [.. found, .. more];
        }
        return found;
    }

    private Dictionary<string, List<Grant>> Index()
    {
        lock (gate)
        {
            var latest = store.LastChange(Resources);
            if (latest != builtAt) (bySubject, builtAt) = (Build(), latest);
            return bySubject;
        }
    }

    private Dictionary<string, List<Grant>> Build()
    {
        var index = new Dictionary<string, List<Grant>>(StringComparer.Ordinal);
        var roles = new Dictionary<ObjectKey, PolicyRule[]>();
        foreach (var resource in Resources[..2])
        {
            foreach (var role in store.List(resource, null).Items) roles[role.Key] = [.. RulesOf(role)];
        }
        foreach (var resource in Resources[2..])
        {
            foreach (var stored in store.List(resource, null).Items) AddBinding(index, roles, stored);
        }
        return index;
    }

    private static void AddBinding(Dictionary<string, List<Grant>> index, Dictionary<ObjectKey, PolicyRule[]> roles, StoredObject stored)
    {
        var binding = JsonObjects.Parse(stored.Json);
        var role = binding.Object("roleRef");
        var ns = stored.Key.Namespace;
        var key = role.Text("kind") == "ClusterRole"
            ? new ObjectKey(Resources[0], "", role.Text("name") ?? "")
            : new ObjectKey(Resources[1], ns, role.Text("name") ?? "");
        if (!roles.TryGetValue(key, out var rules)) return;
        var grant = new Grant(ns.Length == 0 ? null : ns, rules);
        foreach (var subject in binding.Array("subjects").Objects())
        {
            if (SubjectKey(subject, ns) is not { } name) continue;
            if (!index.TryGetValue(name, out var grants)) index[name] = grants = [];
            grants.Add(grant);
        }
    }

    private static string? SubjectKey(JsonObject subject, string ns) => (subject.Text("kind"), subject.Text("name")) switch
    {
        ("User", { } name) => "User:" + name,
        ("Group", { } name) => "Group:" + name,
        ("ServiceAccount", { } name) => $"User:{UserInfo.ServiceAccountPrefix}{subject.Text("namespace") ?? ns}:{name}",
        _ => null,
    };

    private sealed record Grant(string? Namespace, PolicyRule[] Rules);
}
