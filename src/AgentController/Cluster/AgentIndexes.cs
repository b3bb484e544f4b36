using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeClient.Informers;

namespace Castellan.AgentController.Cluster;

/// <summary>What agents are found by when something they refer to changes.</summary>
internal static class AgentIndexes
{
    /// <summary>By namespace and name of the ModelConfig.</summary>
    public const string Model = "model";

    /// <summary>By namespace and name of each ToolServer.</summary>
    public const string ToolServer = "tool-server";

    /// <summary>By kind, namespace and name of each granted role.</summary>
    public const string Role = "role";

    /// <summary>By each namespace that a grant names.</summary>
    public const string GrantedNamespace = "granted-namespace";

    public static Informer<Agent> Indexed(Informer<Agent> agents)
    {
        agents.AddIndex(Model, static a => [$"{a.Metadata.Namespace}/{a.Spec.Model.Name}"]);
        agents.AddIndex(ToolServer, static a => (a.Spec.Tools ?? []).Select(t => $"{a.Metadata.Namespace}/{t.Server}"));
        agents.AddIndex(Role, static a => (a.Spec.Access ?? []).Select(g => RoleOf(g, a.Metadata.Namespace!)));
        agents.AddIndex(GrantedNamespace, static a => (a.Spec.Access ?? []).Select(g => g.Namespace).OfType<string>());
        return agents;
    }

    private static string RoleOf(RoleGrant grant, string own) =>
        grant.Kind == RoleKind.Role ? $"{RoleKind.Role}/{grant.Namespace ?? own}/{grant.Name}" : $"{RoleKind.ClusterRole}/{grant.Name}";
}
