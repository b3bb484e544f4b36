using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Identity;
using Castellan.Audit;
using Castellan.GatewayApi;
using Castellan.KubeApi;
using Castellan.Policy;
using Castellan.Storage;

namespace Castellan.AgentGateway.Integrity;

/// <summary>Shows how tools stand to their pins, and takes approvals. All of it comes from the store: every replica says the same.</summary>
internal sealed class ToolDesk(Store store, AuditLog audit, ToolPins pins, ToolGate gate, ClusterCatalog cluster)
{
    /// <summary>The tools of the ToolServers there are.</summary>
    /// <param name="ns">Namespace; null for all.</param>
    /// <param name="server">Only those of one; null for all.</param>
    /// <param name="withDefinitions">Whether definitions come along.</param>
    /// <param name="ct">Ends the request.</param>
    internal async Task<IReadOnlyList<ToolReport>> ListAsync(string? ns, string? server, bool withDefinitions, CancellationToken ct)
    {
        var (known, deviations) = await store.ReadAsync(view => ToolPinTable.List(view, ns, withDefinitions), ct);
        var pinned = known.ToDictionary(pin => (pin.Server, pin.Tool));
        var deviating = deviations.ToDictionary(deviation => (deviation.Server, deviation.Tool));
        var shown = pinned.Keys.Union(deviating.Keys).Where(key => (server is null || key.Server.Name == server) && cluster.ToolServers.Find(key.Server) is not null).ToList();
        var names = new Dictionary<string, ILookup<(string, string), string>>(StringComparer.Ordinal);
        foreach (var space in shown.Select(key => key.Server.Namespace).Distinct(StringComparer.Ordinal))
        {
            names[space] = (await gate.ImitationsAsync(space, ct)).ToLookup(found => (found.Tool.Server, found.Tool.Name), found => found.Finding);
        }

        return
        [
            .. from key in shown
               orderby key.Server.Namespace, key.Server.Name, key.Tool
               select ReportOf(key.Server, key.Tool, pinned.GetValueOrDefault(key), deviating.GetValueOrDefault(key)) with { Imitates = [.. names[key.Server.Namespace][(key.Server.Name, key.Tool)]] },
        ];
    }

    /// <summary>Pins the definitions that a person looked at.</summary>
    /// <exception cref="GatewayException">403: not a person; 404: no such server; 409: what is listed now is not what was looked at; 422: nothing is named.</exception>
    internal async Task<IReadOnlyList<ToolReport>> ApproveAsync(Principal user, NamespacedName server, ApproveToolsRequest request, CancellationToken ct)
    {
        if (user.Name.StartsWith("system:", StringComparison.Ordinal))
        {
            await RefuseAsync(user, server, null, Refusals.Forbidden($"{user.Name} is no person; programs do not approve definitions of tools", "let a person approve them, or name their digests in spec.integrity.digests of the ToolServer"), ct);
        }

        var found = cluster.ToolServers.Find(server) ?? throw Refusals.NotFound($"there is no ToolServer {server}", "see 'castellan get toolservers'");
        if (request.Tools is not { Count: > 0 } || request.Tools.Any(tool => string.IsNullOrEmpty(tool.Name) || tool.Digest is null) || request.Tools.DistinctBy(tool => tool.Name).Count() < request.Tools.Count)
        {
            throw Refusals.Invalid("the approval does not name each tool once, with its digest", "take both from 'castellan tools diff'");
        }

        try
        {
            await pins.HoldAsync(server, (unit, stored) => Approve(unit, stored, user, found, request.Tools), ct);
        }
        catch (ApprovalRefusedException refused)
        {
            await RefuseAsync(user, server, refused.Tool, refused.Refusal, ct);
        }

        pins.Tell(server);
        var names = request.Tools.Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        return [.. (await ListAsync(server.Namespace, server.Name, withDefinitions: false, ct)).Where(tool => names.Contains(tool.Name))];
    }

    /// <summary>Records an attempt to approve by somebody who may not.</summary>
    internal Task RecordRefusedAttemptAsync(Principal user, NamespacedName server, string reason, CancellationToken ct) =>
        audit.AppendAsync(ToolRecords.Rejected(user, server, null, null, reason), ct);

    private int Approve(IUnitOfWork unit, StoredTools stored, Principal user, ToolServer server, IReadOnlyList<ApprovedTool> tools)
    {
        var now = pins.Now;
        foreach (var tool in tools)
        {
            var deviation = ToolPinTable.Find(unit, server.Key, tool.Name);
            if (Refusal(server, tool, deviation) is { } refusal)
            {
                throw new ApprovalRefusedException(tool, refusal);
            }

            if (deviation!.State == ToolState.Gone)
            {
                ToolPinTable.RemovePin(unit, server.Key, tool.Name);
            }
            else
            {
                ToolPinTable.Put(unit, new ToolPin(server.Key, tool.Name, deviation.Digest, now, user.Name) { Definition = deviation.Definition });
            }

            ToolPinTable.RemoveDeviation(unit, server.Key, tool.Name);
            audit.Append(unit, ToolRecords.Approved(user, deviation, stored.Pins.GetValueOrDefault(tool.Name)?.Digest));
        }

        return tools.Count;
    }

    // The approval counts for what was looked at: if the server lists something else by now, nothing is pinned.
    private static GatewayException? Refusal(ToolServer server, ApprovedTool tool, ToolDeviation? deviation)
    {
        var name = InvisibleText.Show(tool.Name);
        if (deviation is null)
        {
            return Refusals.Conflict($"there is nothing to approve about tool {name} of {server.Key}: its definition is the pinned one, or it does not exist", "see 'castellan tools list'");
        }

        if (deviation.Digest != tool.Digest)
        {
            return Refusals.Conflict(
                $"the definition of tool {name} of {server.Key} is no longer {(tool.Digest.Length > 0 ? tool.Digest : "absent")}: the server now {(deviation.Digest.Length > 0 ? $"lists {deviation.Digest}" : "lists no such tool")}",
                $"look at it again with 'castellan tools diff {server.Key.Name}'");
        }

        if (deviation.State == ToolState.Unreadable)
        {
            return Refusals.Conflict($"tool {name} of {server.Key} cannot be approved: {deviation.Reason}", "correct the server");
        }

        return server.Spec.Integrity?.Digests?.ContainsKey(tool.Name) is true
            ? Refusals.Conflict($"the digest of tool {name} is named in spec.integrity.digests of ToolServer {server.Key}", "change it there")
            : null;
    }

    private async Task RefuseAsync(Principal user, NamespacedName server, ApprovedTool? tool, GatewayException refusal, CancellationToken ct)
    {
        await audit.AppendAsync(ToolRecords.Rejected(user, server, tool?.Name, tool?.Digest, refusal.Problem.Detail), ct);
        throw refusal;
    }

    private static ToolReport ReportOf(NamespacedName server, string tool, ToolPin? pin, ToolDeviation? deviation) => new()
    {
        Namespace = server.Namespace,
        Server = server.Name,
        Name = tool,
        State = deviation?.State ?? ToolState.Pinned,
        Reason = deviation?.Reason,
        Digest = deviation is null ? pin!.Digest : deviation.Digest.Length > 0 ? deviation.Digest : null,
        PinnedDigest = pin?.Digest,
        PinnedAt = pin?.PinnedAt,
        PinnedBy = pin?.PinnedBy,
        DetectedAt = deviation?.DetectedAt,
        Pinned = pin?.Definition,
        Listed = deviation?.Definition,
    };

    private sealed class ApprovalRefusedException(ApprovedTool tool, GatewayException refusal) : Exception(refusal.Message)
    {
        internal ApprovedTool Tool => tool;

        internal GatewayException Refusal => refusal;
    }
}
