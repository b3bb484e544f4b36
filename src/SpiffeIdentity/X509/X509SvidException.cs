namespace Castellan.SpiffeIdentity;

/// <summary>An X.509-SVID that must not be used or believed.</summary>
/// <param name="fault">The rule it breaks.</param>
/// <param name="message">The problem with the value that was wrong, and the remedy.</param>
/// <param name="inner">What the platform said.</param>
public sealed class X509SvidException(X509SvidFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The rule that the SVID breaks.</summary>
    public X509SvidFault Fault { get; } = fault;
}
