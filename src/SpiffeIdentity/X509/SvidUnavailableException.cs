namespace Castellan.SpiffeIdentity;

/// <summary>There is no usable SVID now; safe to retry.</summary>
/// <param name="problem">Where it was to come from and why it did not.</param>
/// <param name="inner">The cause.</param>
public sealed class SvidUnavailableException(string problem, Exception? inner = null)
    : Exception($"no X.509-SVID: {problem}; check that the SPIFFE agent runs and knows this workload", inner);
