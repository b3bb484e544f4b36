namespace Castellan.SpiffeIdentity;

/// <summary>By which bundle a pod knows the authority's server: the pinned file's, or a newer one that the server sent over a proven connection.</summary>
internal sealed class ServerTrust(TrustDomain trustDomain, string bundleFile)
{
    private volatile TrustBundle? _bundle;

    /// <summary>Asked in every handshake; empty before the file has been read, so that nothing is believed.</summary>
    public X509BundleSet Bundles => _bundle is { } bundle ? new(bundle.X509) : new();

    /// <summary>Reads the file; the kubelet replaces it when the published bundle changes.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    /// <exception cref="TrustBundleException">It holds no bundle.</exception>
    public async Task ReadFileAsync(CancellationToken ct) =>
        Take(TrustBundle.Parse(trustDomain, await File.ReadAllBytesAsync(bundleFile, ct).ConfigureAwait(false)));

    /// <summary>Believes a bundle unless a newer one is held.</summary>
    public void Take(TrustBundle bundle)
    {
        if (_bundle is not { } held || (bundle.Sequence ?? 0) >= (held.Sequence ?? 0))
        {
            _bundle = bundle;
        }
    }
}
