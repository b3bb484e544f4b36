using System.Security.Cryptography;
using System.Text;
using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.Agents;

/// <summary>The grants of an agent as RoleBindings.</summary>
internal static class AgentAccess
{
    public const string RefusedReason = "AccessRefused";

    public static RoleBinding Binding(Agent agent, Workload workload, ObservedGrant grant)
    {
        var isForeign = grant.Namespace != agent.Metadata.Namespace;
        var meta = workload.Meta(NameOf(agent, workload, grant.Grant));
        meta.Namespace = grant.Namespace;
        if (isForeign)
        {
            meta.OwnerReferences = null; // they cannot cross namespaces; the labels lead back
        }
        return new RoleBinding
        {
            Metadata = meta,
            RoleRef = new RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = grant.Grant.Kind.ToString(), Name = grant.Grant.Name },
            Subjects = [new Subject { Kind = "ServiceAccount", Name = workload.Name, Namespace = agent.Metadata.Namespace }],
        };
    }

    public static Verdict? Fault(AgentObservation seen)
    {
        if (seen.Grants.FirstOrDefault(g => !g.IsAccepted) is { } refused)
        {
            var from = seen.Agent.Metadata.Namespace;
            return Verdict.No(RefusedReason,
                $"namespace {refused.Namespace} does not accept agents of namespace {from}; " +
                $"whoever runs it can allow them: kubectl annotate namespace {refused.Namespace} {ApiGroup.AcceptsAgentsFrom}={from}");
        }
        if (seen.Grants.FirstOrDefault(g => !g.RoleExists) is { } absent)
        {
            var where = absent.Grant.Kind == RoleKind.Role ? $" in namespace {absent.Namespace}" : "";
            return Verdict.No("RoleNotFound", $"no {absent.Grant.Kind} '{absent.Grant.Name}'{where}; create it or correct spec.access");
        }
        return null;
    }

    /// <summary>Bindings that no grant asks for any more.</summary>
    public static List<RoleBinding> Obsolete(AgentObservation seen, IEnumerable<RoleBinding> wanted)
    {
        var keys = wanted.Select(b => b.Key).ToHashSet();
        return [.. seen.Bindings.Where(b => !keys.Contains(b.Key))];
    }

    /// <summary>Whether a namespace lets agents of another be granted access in it.</summary>
    public static bool Accepts(KubeObject ns, string agentNamespace) =>
        ns.Metadata.Annotations is { } annotations && annotations.TryGetValue(ApiGroup.AcceptsAgentsFrom, out var accepted)
        && accepted.Split(',', StringSplitOptions.TrimEntries).Contains(agentNamespace, StringComparer.Ordinal);

    // A binding's role can never change, so the role is part of the name; the digest keeps it short and tells agents of two namespaces apart.
    private static string NameOf(Agent agent, Workload workload, RoleGrant grant)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{agent.Key}\n{grant.Kind}\n{grant.Name}"));
        return $"{workload.Name}-{Convert.ToHexStringLower(digest.AsSpan(0, 5))}";
    }
}
