namespace Castellan.SpiffeIdentity;

/// <summary>Bundles of several trust domains in one document, each beside the name it belongs to.</summary>
/// <remarks>Source: SPIFFE Trust Domain and Bundle standard, section 5 (bundle map).</remarks>
public static class TrustBundleMap
{
    /// <summary>Reads a bundle map.</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <returns>One bundle per trust domain; none is merged with another.</returns>
    /// <exception cref="TrustBundleException">The document, or a bundle in it, is malformed.</exception>
    public static IReadOnlyDictionary<TrustDomain, TrustBundle> Parse(ReadOnlyMemory<byte> json) => TrustBundleJson.ParseMap(json);

    /// <summary>Writes a bundle map, UTF-8.</summary>
    public static byte[] Export(IEnumerable<TrustBundle> bundles) => TrustBundleJson.WriteMap(bundles);
}
