using System.Net;

namespace Castellan.SpiffeIdentity;

/// <summary>A peer that a listener turned away in the handshake.</summary>
/// <param name="Peer">Who it proved to be; null when it showed no certificate, or one that proves nothing.</param>
/// <param name="Remote">Where it came from.</param>
/// <param name="Reason">Why it was turned away.</param>
public sealed record RefusedPeer(SpiffeId? Peer, EndPoint? Remote, string Reason);
