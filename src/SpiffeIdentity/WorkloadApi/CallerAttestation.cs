using Castellan.Rpc;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeIdentity;

/// <summary>Says who calls, anew before every message: the process must live, and its entitlement may have been withdrawn.</summary>
internal sealed partial class CallerAttestation(ISvidIssuer issuer, IWorkloadAttestor attestor, ILogger logger)
{
    private const int LongestHintBytes = 1024;

    /// <summary>The process at the other end of the connection.</summary>
    public static WorkloadPeer Peer(GrpcServerCall call) =>
        (WorkloadPeer)call.HttpContext.Features.GetRequiredFeature<IConnectionItemsFeature>().Items[WorkloadApiServer.PeerKey]!;

    /// <summary>The identities of the caller, the default first; at least one.</summary>
    /// <exception cref="RpcException">Unavailable: the process has gone. PermissionDenied: it has no identity.</exception>
    public async Task<IReadOnlyList<WorkloadIdentity>> AttestAsync(GrpcServerCall call)
    {
        var peer = Peer(call);
        var identities = peer.IsAlive ? await attestor.AttestAsync(peer.Process, call.Cancellation).ConfigureAwait(false) : [];
        if (!peer.IsAlive)
        {
            throw new RpcException(StatusCode.Unavailable, "the calling process has gone; call from the process that connected");
        }

        identities = [.. identities.Where(i => !issuer.Denies(i.Id))];
        if (identities.Count == 0)
        {
            LogRefused(logger, peer.Process.Pid, peer.Process.Uid);
            throw new RpcException(StatusCode.PermissionDenied, "no identity issued; this process belongs to no known workload, or its identity is denied");
        }

        // A hint is unique inside a response: of several identities with one hint the first is meant. One that is too long is left out.
        return [.. identities
            .Select(i => System.Text.Encoding.UTF8.GetByteCount(i.Hint) <= LongestHintBytes ? i : i with { Hint = "" })
            .DistinctBy(i => i.Hint.Length == 0 ? i.Id.ToString() : i.Hint)];
    }

    /// <summary>Issues what a feed has to send.</summary>
    /// <exception cref="RpcException">PermissionDenied: an identity was denied since it was attested, a moment ago.</exception>
    public static async Task<IssuedIdentities> IssueAsync(X509Feed feed, CancellationToken ct)
    {
        try
        {
            return await feed.IssueAsync(ct).ConfigureAwait(false);
        }
        catch (IdentityDeniedException e)
        {
            throw new RpcException(StatusCode.PermissionDenied, e.Message, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused an identity to process {Pid} of uid {Uid}: it belongs to no known workload, or its identity is denied")]
    private static partial void LogRefused(ILogger logger, int pid, int uid);
}
