using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Policies;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Runs;

/// <summary>What an agent is offered: the tools its spec names, that exist, and that policy does not certainly deny.</summary>
internal sealed class AgentOffers(ToolCatalog tools, PolicyInForce policy, TrustDomain trustDomain, GatewayOptions options, TimeProvider clock)
{
    internal Principal PrincipalOf(NamespacedName agent)
    {
        var account = Principal.AgentAccountPrefix + agent.Name;
        return new Principal
        {
            Kind = PrincipalKind.Agent,
            Name = SpiffeId.ForServiceAccount(trustDomain, agent.Namespace, account).ToString(),
            Namespace = agent.Namespace,
            Agent = agent.Name,
            ServiceAccount = account,
        };
    }

    /// <summary>
    /// The same, after every server that the agent names was asked for its tools or has had its time: a run pins its tools, so one
    /// that starts a moment too early would have none. A server that does not answer does not keep the others' tools from the agent.
    /// </summary>
    /// <exception cref="GatewayException">503: none of its servers has answered yet.</exception>
    internal async Task<IReadOnlyList<ToolDescription>> WhenKnownAsync(Agent agent, CancellationToken ct)
    {
        var servers = (agent.Spec.Tools ?? []).Select(t => new NamespacedName(agent.Key.Namespace, t.Server)).Distinct().ToList();
        try
        {
            await Task.WhenAll(servers.Select(tools.AskedAsync)).WaitAsync(TimeSpan.FromSeconds(options.ToolServerPatienceSeconds), clock, ct);
        }
        catch (TimeoutException) when (servers.Any(tools.Knows))
        {
            // Those that answered are enough to begin with; the others' state stands in their conditions.
        }
        catch (TimeoutException e)
        {
            throw Refusals.Unavailable($"no tool server of agent {agent.Key} has listed its tools yet ({string.Join(", ", servers)})", "see their Ready and Discovered conditions with 'castellan get toolservers -o yaml', and try again", e);
        }

        return Of(agent);
    }

    internal IReadOnlyList<ToolDescription> Of(Agent agent)
    {
        var principal = PrincipalOf(agent.Key);
        return [.. Named(agent)
            .Where(tool => policy.MayAllow(principal, tool))
            .DistinctBy(tool => tool.QualifiedName)
            .Select(tool => new ToolDescription(tool.QualifiedName, tool.Description, tool.InputSchema))];
    }

    /// <summary>Whether the agent's own spec wants an approval of this tool, whatever policy says.</summary>
    internal static bool AsksForApproval(Agent? agent, string server, string tool) =>
        agent?.Spec.Tools?.Any(t => t.Server == server && t.RequireApproval?.Contains(tool) is true) is true;

    private IEnumerable<CatalogTool> Named(Agent agent) =>
        from entry in agent.Spec.Tools ?? []
        from tool in tools.Of(new NamespacedName(agent.Key.Namespace, entry.Server))
        where entry.Names is not { Count: > 0 } names || names.Contains(tool.Name)
        select tool;
}
