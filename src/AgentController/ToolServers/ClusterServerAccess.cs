using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Rbac;
using PolicyRule = Castellan.KubeApi.Rbac.PolicyRule;

namespace Castellan.AgentController.ToolServers;

/// <summary>
/// The rights of the built-in Cluster server: none of its own, but to act as exactly the agents that use it and the users it is told of.
/// </summary>
/// <remarks>
/// Every rule names its objects. A rule without names would mean all, so where there is nobody to name there is no rule.
/// Source: Kubernetes, "User impersonation".
/// </remarks>
internal static class ClusterServerAccess
{
    private const string RbacGroup = "rbac.authorization.k8s.io";

    public static IReadOnlyList<KubeObject> For(Workload workload, BuiltInServer spec, IReadOnlyList<string> agents, AgentControllerOptions options) =>
        [.. AsAgents(workload, agents), .. AsUsers(workload, spec, options)];

    public static Verdict? Fault(BuiltInServer? spec, AgentControllerOptions options)
    {
        var refused = (spec?.ImpersonateUsers ?? []).Except(options.ImpersonatableUsers).Select(u => $"user {u}")
            .Concat((spec?.ImpersonateGroups ?? []).Except(options.ImpersonatableGroups).Select(g => $"group {g}")).ToList();
        return refused.Count == 0 ? null : Verdict.No(
            "ImpersonationRefused",
            $"this installation does not let tool servers act as {string.Join(", ", refused)}; remove them from spec.builtIn, or have them added to " +
            $"{AgentControllerOptions.Section}:{nameof(options.ImpersonatableUsers)} or {nameof(options.ImpersonatableGroups)}");
    }

    private static IEnumerable<KubeObject> AsAgents(Workload workload, IReadOnlyList<string> agents)
    {
        if (agents.Count == 0)
        {
            return [];
        }
        var names = agents.Order(StringComparer.Ordinal).Select(WorkloadNames.OfAgent);
        return
        [
            new Role { Metadata = workload.Meta(), Rules = [Impersonate("serviceaccounts", names)] },
            new RoleBinding
            {
                Metadata = workload.Meta(),
                RoleRef = new RoleRef { ApiGroup = RbacGroup, Kind = "Role", Name = workload.Name },
                Subjects = [Account(workload)],
            },
        ];
    }

    private static IEnumerable<KubeObject> AsUsers(Workload workload, BuiltInServer spec, AgentControllerOptions options)
    {
        var rules = new List<PolicyRule>();
        Add("users", spec.ImpersonateUsers, options.ImpersonatableUsers);
        Add("groups", spec.ImpersonateGroups, options.ImpersonatableGroups);
        if (rules.Count == 0)
        {
            return [];
        }
        var name = $"castellan:{workload.Name}:{workload.Owner.Metadata.Namespace}";
        return
        [
            new ClusterRole { Metadata = ClusterMeta(workload, name), Rules = rules },
            new ClusterRoleBinding
            {
                Metadata = ClusterMeta(workload, name),
                RoleRef = new RoleRef { ApiGroup = RbacGroup, Kind = "ClusterRole", Name = name },
                Subjects = [Account(workload)],
            },
        ];

        void Add(string resource, IEnumerable<string>? asked, IEnumerable<string> allowed)
        {
            var names = (asked ?? []).Intersect(allowed).Order(StringComparer.Ordinal).ToList();
            if (names.Count > 0)
            {
                rules.Add(Impersonate(resource, names));
            }
        }
    }

    private static PolicyRule Impersonate(string resource, IEnumerable<string> names) =>
        new() { ApiGroups = [""], Resources = [resource], Verbs = ["impersonate"], ResourceNames = [.. names] };

    private static Subject Account(Workload workload) =>
        new() { Kind = "ServiceAccount", Name = workload.Name, Namespace = workload.Owner.Metadata.Namespace };

    // Cluster-scoped objects cannot have an owner in a namespace; the labels lead back.
    private static ObjectMeta ClusterMeta(Workload workload, string name) => new() { Name = name, Labels = ChildLabels.Of(workload.Owner) };
}
