using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Bootstrap;

/// <summary>The ClusterRoles and ClusterRoleBindings that Kubernetes itself brings along, as far as their kinds are served.</summary>
/// <remarks>Source: Kubernetes documentation, "Using RBAC Authorization", default roles and role bindings.</remarks>
internal static class BootstrapRoles
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "delete", "deletecollection", "patch", "update"];
    private static readonly string[] Everything = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] CoreViewed = ["bindings", "configmaps", "endpoints", "events", "namespaces", "namespaces/status", "pods", "pods/log", "pods/status", "serviceaccounts", "services", "services/status"];
    private static readonly string[] AppsViewed = ["deployments", "deployments/scale", "deployments/status", "replicasets", "replicasets/scale", "replicasets/status"];

    public static IEnumerable<JsonObject> All() =>
    [
        Role("cluster-admin", Rule(["*"], ["*"], ["*"]), Paths(["*"], ["*"])),
        Aggregate("admin", [.. Edit(), Rule([Rbac], ["roles", "rolebindings"], Everything), Rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"])]),
        Aggregate("edit", [.. Edit()]),
        Aggregate("view", [.. View()]),
        Role("system:discovery", Paths(["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"], ["get"])),
        Role("system:public-info-viewer", Paths(["/healthz", "/livez", "/readyz", "/version", "/version/"], ["get"])),
        Role("system:basic-user",
            Rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
            Rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"])),
        Role("system:service-account-issuer-discovery", Paths(["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"], ["get"])),
        Role("system:auth-delegator", Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]), Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"])),
        Role("system:node",
            Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
            Rule(["authorization.k8s.io"], ["localsubjectaccessreviews", "subjectaccessreviews"], ["create"]),
            Rule([""], ["services", "endpoints", "configmaps", "secrets", "serviceaccounts"], Read),
            Rule(["discovery.k8s.io"], ["endpointslices"], Read),
            Rule([""], ["nodes"], ["create", "get", "list", "watch", "patch", "update"]),
            Rule([""], ["nodes/status", "pods/status"], ["patch", "update"]),
            Rule([""], ["pods"], ["create", "delete", "get", "list", "watch"]),
            Rule([""], ["serviceaccounts/token"], ["create"]),
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
            Rule(["coordination.k8s.io"], ["leases"], ["create", "delete", "get", "patch", "update"])),
        Role("system:kube-scheduler",
            Rule([""], ["nodes", "pods", "namespaces"], Read),
            Rule([""], ["pods/binding", "bindings"], ["create"]),
            Rule([""], ["pods/status"], ["patch", "update"]),
            Rule([""], ["pods"], ["delete"]),
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
            Rule(["coordination.k8s.io"], ["leases"], ["create", "get", "list", "patch", "update", "watch"])),
        Role("system:kube-controller-manager",
            Rule(["*"], ["*"], Read),
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
            Rule(["apps"], ["deployments", "deployments/status", "deployments/finalizers", "replicasets", "replicasets/status", "replicasets/finalizers"], Everything),
            Rule([""], ["pods", "pods/status", "pods/finalizers", "endpoints", "services", "services/status", "serviceaccounts", "configmaps", "secrets"], Everything),
            Rule([""], ["serviceaccounts/token"], ["create"]),
            Rule(["discovery.k8s.io"], ["endpointslices", "endpointslices/restricted"], Everything),
            Rule(["coordination.k8s.io"], ["leases"], Everything)),
    ];

    public static IEnumerable<JsonObject> Bindings() =>
    [
        Binding("cluster-admin", "cluster-admin", Group("system:masters")),
        Binding("system:discovery", "system:discovery", Group("system:authenticated")),
        Binding("system:basic-user", "system:basic-user", Group("system:authenticated")),
        Binding("system:public-info-viewer", "system:public-info-viewer", Group("system:authenticated")),
        Binding("system:service-account-issuer-discovery", "system:service-account-issuer-discovery", Group("system:serviceaccounts")),
        Binding("system:node", "system:node", Group("system:nodes")),
        Binding("system:kube-scheduler", "system:kube-scheduler", User("system:kube-scheduler")),
        Binding("system:kube-controller-manager", "system:kube-controller-manager", User("system:kube-controller-manager")),
    ];

    private static IEnumerable<JsonObject> View() =>
    [
        Rule([""], CoreViewed, Read),
        Rule(["apps"], AppsViewed, Read),
        Rule(["discovery.k8s.io"], ["endpointslices"], Read),
        Rule(["events.k8s.io"], ["events"], Read),
    ];

    private static IEnumerable<JsonObject> Edit() =>
    [
        .. View(),
        Rule([""], ["secrets"], Read),
        Rule([""], ["configmaps", "events", "pods", "secrets", "serviceaccounts", "services", "endpoints"], Write),
        Rule([""], ["serviceaccounts"], ["impersonate"]),
        Rule([""], ["serviceaccounts/token"], ["create"]),
        Rule(["apps"], ["deployments", "deployments/scale", "replicasets", "replicasets/scale"], Write),
        Rule(["coordination.k8s.io"], ["leases"], Everything),
    ];

    /// <summary>For servers that check client certificates themselves: reading the authority that the cluster publishes.</summary>
    public static JsonObject AuthenticationReader()
    {
        var rule = Rule([""], ["configmaps"], ["get", "list", "watch"]);
        rule["resourceNames"] = new JsonArray("extension-apiserver-authentication");
        return Role("extension-apiserver-authentication-reader", rule);
    }

    private static JsonObject Rule(string[] groups, string[] resources, string[] verbs) => new()
    {
        ["apiGroups"] = groups.ToJsonArray(), ["resources"] = resources.ToJsonArray(), ["verbs"] = verbs.ToJsonArray(),
    };

    private static JsonObject Paths(string[] paths, string[] verbs) => new() { ["nonResourceURLs"] = paths.ToJsonArray(), ["verbs"] = verbs.ToJsonArray() };

    private static JsonObject Role(string name, params IEnumerable<JsonObject> rules) => new()
    {
        ["metadata"] = Metadata(name), ["rules"] = rules.ToArrayNode(),
    };

    /// <summary>A role that also has the rules of every ClusterRole with the label aggregate-to-NAME: so definitions bring their own rights along.</summary>
    private static JsonObject Aggregate(string name, params IEnumerable<JsonObject> rules)
    {
        var role = Role(name, rules);
        var selectors = name switch { "admin" => ["admin", "edit", "view"], "edit" => ["edit", "view"], _ => (string[])["view"] };
        role["aggregationRule"] = new JsonObject
        {
            ["clusterRoleSelectors"] = selectors.Select(s => (JsonNode)new JsonObject
            {
                ["matchLabels"] = new JsonObject { [$"rbac.authorization.k8s.io/aggregate-to-{s}"] = "true" },
            }).ToArrayNode(),
        };
        return role;
    }

    private static JsonObject Binding(string name, string role, JsonObject subject) => new()
    {
        ["metadata"] = Metadata(name),
        ["roleRef"] = new JsonObject { ["apiGroup"] = Rbac, ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(subject),
    };

    private static JsonObject Metadata(string name) => new()
    {
        ["name"] = name,
        ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
        ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
    };

    private static JsonObject Group(string name) => new() { ["apiGroup"] = Rbac, ["kind"] = "Group", ["name"] = name };

    private static JsonObject User(string name) => new() { ["apiGroup"] = Rbac, ["kind"] = "User", ["name"] = name };
}
