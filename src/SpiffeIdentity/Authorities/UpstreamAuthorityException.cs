namespace Castellan.SpiffeIdentity;

/// <summary>The upstream CA cannot sign ours. What was signed before stays valid.</summary>
/// <param name="file">The file.</param>
/// <param name="problem">What is wrong with it.</param>
/// <param name="inner">The cause.</param>
public sealed class UpstreamAuthorityException(string file, string problem, Exception? inner = null)
    : Exception($"upstream authority in {file}: {problem}; put a CA certificate with its key there", inner);
