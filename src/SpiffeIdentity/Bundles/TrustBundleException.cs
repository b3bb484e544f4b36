namespace Castellan.SpiffeIdentity;

/// <summary>A document that is no SPIFFE trust bundle; the bundle held before stays in force.</summary>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
public sealed class TrustBundleException(string message, Exception? inner = null) : FormatException(message, inner);
