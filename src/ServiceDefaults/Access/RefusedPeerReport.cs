namespace Castellan.ServiceDefaults.Access;

/// <summary>Peers that one listener turned away, for the audit log: the body of <c>POST /v1/refused-peers</c> on the gateway's workload listener.</summary>
/// <param name="Peers">At most <see cref="MostPeers"/>.</param>
public sealed record RefusedPeerReport(IReadOnlyList<RefusedPeerEntry> Peers)
{
    /// <summary>Where the gateway takes it.</summary>
    public const string Path = "/v1/refused-peers";

    /// <summary>Most peers of one report.</summary>
    public const int MostPeers = 50;
}

/// <summary>One peer that was turned away.</summary>
/// <param name="Peer">The SPIFFE ID that it proved; null when it proved none.</param>
/// <param name="Remote">Address it came from.</param>
/// <param name="Reason">Why it was turned away.</param>
/// <param name="Times">How often, since the last report.</param>
public sealed record RefusedPeerEntry(string? Peer, string? Remote, string Reason, int Times);
