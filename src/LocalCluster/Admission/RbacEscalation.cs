using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authorization;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Admission;

/// <summary>Nobody gives away rights they do not have: roles and bindings are refused unless the writer holds the rules, or may escalate or bind.</summary>
/// <remarks>Source: Kubernetes documentation, "Using RBAC Authorization", privilege escalation prevention and bootstrapping.</remarks>
internal sealed class RbacEscalation(RbacAuthorizer authorizer) : IAdmission
{
    public void Admit(AdmissionRequest request)
    {
        if (request.Resource.Group != RbacAuthorizer.Group) return;
        if (request.Resource.Kind is "Role" or "ClusterRole")
        {
            if (request.Old is not null && JsonObjects.Same(request.Object["rules"], request.Old["rules"])
                && JsonObjects.Same(request.Object["aggregationRule"], request.Old["aggregationRule"])) return;
            RequireRules(request, "escalate", request.Object.Name(), request.Resource.Plural, [.. PolicyRule.ReadAll(request.Object)]);
            if (request.Object.Object("aggregationRule") is not null) RequireRules(request, "escalate", request.Object.Name(), request.Resource.Plural, [Everything]);
            return;
        }
        if (request.Old is not null && JsonObjects.Same(request.Object["subjects"], request.Old["subjects"])) return;
        var role = request.Object.Object("roleRef");
        var (kind, name) = (role.Text("kind") ?? "", role.Text("name") ?? "");
        RequireRules(request, "bind", name, kind == "ClusterRole" ? "clusterroles" : "roles", authorizer.RulesOfRole(kind, name, request.Object.Namespace()));
    }

    private static PolicyRule Everything { get; } = new(["*"], ["*"], ["*"], [], []);

    private void RequireRules(AdmissionRequest request, string verb, string role, string resource, IReadOnlyList<PolicyRule> rules)
    {
        var ns = request.Object.Namespace();
        var user = request.User;
        if (authorizer.IsAllowed(new AccessRequest(user, verb) { Group = RbacAuthorizer.Group, Resource = resource, Namespace = ns, Name = role })) return;
        var own = authorizer.RulesOf(user, ns).ToList();
        var missing = rules.SelectMany(r => r.Breakdown()).Where(r => !own.Any(o => o.Covers(r))).Select(r => r.ToString()).Distinct().ToList();
        if (missing.Count == 0 && (rules.Count > 0 || verb == "escalate")) return;
        var lacking = missing.Count == 0 ? $"the role {role} does not exist, so that its rules cannot be compared" : string.Join("\n", missing);
        throw ApiErrors.Forbidden(request.Resource, request.Object.Name(),
            $"user \"{user.Name}\" (groups=[{string.Join(" ", user.Groups.Select(g => $"\"{g}\""))}]) is attempting to grant RBAC permissions not currently held:\n{lacking}");
    }
}
