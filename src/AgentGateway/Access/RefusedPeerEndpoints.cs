using Castellan.AgentGateway.Identity;
using Castellan.ServiceDefaults.Access;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.AgentGateway.Access;

/// <summary>
/// Takes from tool servers (our process in front of each) whom their listeners turned away. Agents cannot report: they would accuse each other.
/// </summary>
internal sealed class RefusedPeerEndpoints(AccessRecords records)
{
    private const string ToolServerPrefix = "tools-";

    internal void Map(IEndpointRouteBuilder app) => app.MapPost(RefusedPeerReport.Path, TakeAsync);

    private async Task<IResult> TakeAsync(HttpContext context, RefusedPeerReport report)
    {
        if (context.PeerSpiffeId() is not { } witness || !witness.TryGetServiceAccount(out var ns, out var account) || !account.StartsWith(ToolServerPrefix, StringComparison.Ordinal))
        {
            throw Refusals.Forbidden($"{context.PeerSpiffeId()} is no tool server", "only tool servers report peers that they refused");
        }

        if (report.Peers is not { Count: > 0 and <= RefusedPeerReport.MostPeers })
        {
            throw Refusals.Invalid($"the report names {report.Peers?.Count ?? 0} peers", $"name 1 to {RefusedPeerReport.MostPeers}");
        }

        foreach (var peer in report.Peers)
        {
            await records.WriteAsync(
                new TurnedAway($"tool server: {account[ToolServerPrefix.Length..]}", peer.Peer ?? TurnedAway.Nobody, "TLS handshake", peer.Reason ?? "")
                {
                    Namespace = ns, SourceIp = peer.Remote, Error = "PeerNotAllowed", Witness = witness.ToString(), Times = Math.Max(1, peer.Times),
                },
                context.RequestAborted);
        }

        return Results.NoContent();
    }
}
