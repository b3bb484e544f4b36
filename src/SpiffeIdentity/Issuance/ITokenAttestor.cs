namespace Castellan.SpiffeIdentity;

/// <summary>Says which identity the bearer of a pod's token has. The server implements it with TokenReview.</summary>
public interface ITokenAttestor
{
    /// <summary>The identity of the pod that the token is bound to.</summary>
    /// <param name="token">The token, as the pod read it from its volume. Secret.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="PodTokenException">The token proves no pod that runs.</exception>
    ValueTask<WorkloadIdentity> AttestAsync(string token, CancellationToken ct);
}

/// <summary>Why a pod's token proves nothing.</summary>
public enum PodTokenFault
{
    /// <summary>None was sent.</summary>
    Missing,

    /// <summary>The cluster does not know it: forged, expired, or its service account is gone.</summary>
    NotAuthenticated,

    /// <summary>It is for somebody else than the SPIFFE server.</summary>
    OtherAudience,

    /// <summary>It is no service account's.</summary>
    NoServiceAccount,

    /// <summary>It is bound to no pod.</summary>
    NotBoundToPod,

    /// <summary>Its pod is gone, or has ended.</summary>
    PodGone,

    /// <summary>A pod of that name runs, but it is another one.</summary>
    OtherPod,

    /// <summary>The pod runs as another service account than the token's.</summary>
    OtherServiceAccount,

    /// <summary>The cluster cannot be asked now.</summary>
    Unavailable,
}

/// <summary>A pod's token proves nothing.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">The problem and the remedy; never the token.</param>
/// <param name="inner">The cause.</param>
public sealed class PodTokenException(PodTokenFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public PodTokenFault Fault { get; } = fault;
}
