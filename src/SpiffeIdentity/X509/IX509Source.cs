using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Where a process takes its current X.509-SVID and bundles from; replaced under the hood at rotation.</summary>
/// <remarks>Read <see cref="Current"/> for every handshake and keep nothing of it.</remarks>
public interface IX509Source
{
    /// <summary>What is valid now.</summary>
    /// <exception cref="SvidUnavailableException">No SVID has come yet, or the last one has expired.</exception>
    X509Context Current { get; }

    /// <summary>True while <see cref="Current"/> would answer; what readiness probes ask.</summary>
    bool IsReady { get; }

    /// <summary>Fires once, when <see cref="Current"/> is replaced.</summary>
    IChangeToken ChangeToken { get; }
}
