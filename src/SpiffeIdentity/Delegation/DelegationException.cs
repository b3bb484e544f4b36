namespace Castellan.SpiffeIdentity;

/// <summary>Why a delegation token is not taken.</summary>
public enum DelegationFault
{
    /// <summary>It is no token that the trust domain's authority signed for this audience and this moment.</summary>
    NotBelieved,

    /// <summary>A claim is missing or of a wrong shape.</summary>
    BadClaim,

    /// <summary>The chain of actors is longer than <see cref="DelegationToken.MaxActors"/>.</summary>
    TooManyActors,

    /// <summary>Somebody else shows it: another certificate than the one it is bound to.</summary>
    OtherSender,
}

/// <summary>A delegation token that must not be taken. The message never holds the token.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
public sealed class DelegationException(DelegationFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What is wrong.</summary>
    public DelegationFault Fault { get; } = fault;
}
