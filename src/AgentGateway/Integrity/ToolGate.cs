using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Discovery;
using Castellan.KubeApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Integrity;

/// <summary>What was found about the tools of one server.</summary>
/// <param name="Verdicts">How each stands to its pin.</param>
/// <param name="Imitations">Findings about names, by tool.</param>
internal sealed record ToolFindings(IReadOnlyList<ToolVerdict> Verdicts, ILookup<string, string> Imitations);

/// <summary>Lets into the catalog what a server lists, each tool blocked or not.</summary>
internal sealed class ToolGate(ToolPins pins, ToolCatalog catalog, ClusterCatalog cluster)
{
    /// <summary>Fires after pins or deviations of a server changed: it, and those that share names with it, are to be looked at again.</summary>
    internal event Action<NamespacedName>? Changed
    {
        add => pins.Changed += value;
        remove => pins.Changed -= value;
    }

    /// <summary>Measures a listing by the pins and puts it into the catalog. Whatever cannot be measured does not get there.</summary>
    internal async Task<ToolFindings> TakeAsync(ToolServer server, IReadOnlyList<ListedTool> listed, CancellationToken ct)
    {
        var verdicts = await pins.SettleAsync(server, listed, ct);
        catalog.Put(server.Key, [.. verdicts.Where(v => v.Listed is not null).Select(v => v.Listed!.Tool with { Blocked = v.State == ToolState.Pinned ? null : v.Reason })]);
        var imitations = (await ImitationsAsync(server.Key.Namespace, ct)).Where(found => found.Tool.Server == server.Key.Name);
        return new ToolFindings(verdicts, imitations.ToLookup(found => found.Tool.Name, found => found.Finding, StringComparer.Ordinal));
    }

    /// <summary>Says that a server was asked for its tools and did not answer.</summary>
    internal void Failed(NamespacedName server) => catalog.Failed(server);

    internal void Remove(NamespacedName server) => catalog.Remove(server);

    /// <summary>The names of a namespace that can be taken for others. Pins of servers that are no more do not count.</summary>
    internal async Task<IReadOnlyList<Imitation>> ImitationsAsync(string ns, CancellationToken ct)
    {
        var names = await pins.NamesAsync(ns, ct);
        return ImitationSearch.Find(
            from tool in names
            let server = cluster.ToolServers.Find(tool.Server)
            where server is not null
            select new NamedTool(tool.Server.Name, tool.Tool, tool.Digest, tool.Since) { IsOwn = server.Spec.BuiltIn is not null });
    }
}
