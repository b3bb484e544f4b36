namespace Castellan.SpiffeIdentity;

/// <summary>The authority's key file cannot be used; a person must look, for a new authority would break every identity.</summary>
/// <param name="path">The file.</param>
/// <param name="problem">What is wrong with it.</param>
/// <param name="inner">The cause.</param>
public sealed class AuthorityStateException(string path, string problem, Exception? inner = null)
    : Exception($"authority keys in {path}: {problem}; restore the file from a backup, or move it away to begin a new authority (every workload then needs a new SVID)", inner);
