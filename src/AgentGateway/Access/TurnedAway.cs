using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Access;

/// <summary>Somebody who was turned away at a door.</summary>
/// <param name="Door">Which door: a listener of the gateway, a tool server, the Workload API.</param>
/// <param name="Principal">Who it was, as far as that was proven; <see cref="Nobody"/> when nothing was.</param>
/// <param name="Request">What was asked for there.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record TurnedAway(string Door, string Principal, string Request, string Reason)
{
    /// <summary>Whoever proved nothing.</summary>
    public const string Nobody = "unauthenticated";

    /// <summary>A peer that the gateway's own workload listener refused.</summary>
    internal static TurnedAway At(RefusedPeer peer) => new(WorkloadDoor.Name, peer.Peer?.ToString() ?? Nobody, "TLS handshake", peer.Reason)
    {
        SourceIp = (peer.Remote as System.Net.IPEndPoint)?.Address.ToString(),
        Error = "PeerNotAllowed",
    };

    /// <summary>Address it came from.</summary>
    public string? SourceIp { get; init; }

    /// <summary>Namespace of what stands behind the door.</summary>
    public string? Namespace { get; init; }

    /// <summary>One word for why, to count and to alert on.</summary>
    public string Error { get; init; } = "refused";

    /// <summary>Who saw it, when it was not the gateway itself.</summary>
    public string Witness { get; init; } = "gateway";

    /// <summary>How often, since it was told last.</summary>
    public int Times { get; init; } = 1;
}
