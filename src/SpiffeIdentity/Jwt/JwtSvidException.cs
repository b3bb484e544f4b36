namespace Castellan.SpiffeIdentity;

/// <summary>A JWT-SVID that must not be believed. The message never holds the token.</summary>
/// <param name="fault">The rule it breaks.</param>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
public sealed class JwtSvidException(JwtSvidFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The rule that the token breaks.</summary>
    public JwtSvidFault Fault { get; } = fault;
}
