namespace Castellan.SpiffeIdentity;

/// <summary>A document that is no SPIFFE trust bundle; the bundle held before stays in force.</summary>
/// <param name="fault">The rule it breaks.</param>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
public sealed class TrustBundleException(TrustBundleFault fault, string message, Exception? inner = null) : FormatException(message, inner)
{
    /// <summary>The rule that the document breaks.</summary>
    public TrustBundleFault Fault { get; } = fault;
}
