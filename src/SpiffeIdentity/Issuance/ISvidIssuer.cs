using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>What a Workload API serves from: the authority in the same process, or the server that a pod's agent talks to.</summary>
internal interface ISvidIssuer
{
    /// <summary>Clock of validities and waits.</summary>
    TimeProvider Clock { get; }

    /// <summary>The bundles that workloads believe: the own trust domain's first, then the federated ones.</summary>
    IReadOnlyList<TrustBundle> Bundles { get; }

    /// <summary>Fires once, when <see cref="Bundles"/> has changed.</summary>
    IChangeToken BundleChange { get; }

    /// <summary>Fires once, when what <see cref="Denies"/> answers may have changed.</summary>
    IChangeToken DenialChange { get; }

    /// <summary>True when the identity is denied.</summary>
    bool Denies(SpiffeId id);

    /// <summary>Issues an X.509-SVID with a new key.</summary>
    /// <exception cref="IdentityDeniedException">The ID is denied.</exception>
    /// <exception cref="Rpc.RpcException">The server refuses, or cannot be reached.</exception>
    ValueTask<IssuedX509Svid> IssueX509Async(WorkloadIdentity identity, CancellationToken ct);

    /// <summary>Issues a JWT-SVID.</summary>
    /// <exception cref="IdentityDeniedException">The ID is denied.</exception>
    /// <exception cref="Rpc.RpcException">The server refuses, or cannot be reached.</exception>
    ValueTask<string> IssueJwtAsync(SpiffeId id, IReadOnlyList<string> audience, CancellationToken ct);
}
