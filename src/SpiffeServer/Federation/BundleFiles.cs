using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Federation;

/// <summary>The last good bundle of every foreign trust domain, as a file: believed again after a restart, also while its endpoint is away.</summary>
/// <param name="directory">Created when the first bundle comes.</param>
internal sealed class BundleFiles(string directory)
{
    private const string Ending = ".json";

    /// <summary>All that were kept; one that is damaged is left out, it is fetched anew.</summary>
    public IEnumerable<TrustBundle> Read()
    {
        foreach (var file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*" + Ending) : [])
        {
            if (TryRead(file) is { } bundle)
            {
                yield return bundle;
            }
        }
    }

    /// <summary>Keeps a bundle; whole or not at all.</summary>
    public async Task WriteAsync(TrustBundle bundle, CancellationToken ct)
    {
        Directory.CreateDirectory(directory);
        var temporary = PathOf(bundle.TrustDomain) + ".new";
        await File.WriteAllBytesAsync(temporary, bundle.Export(), ct).ConfigureAwait(false);
        File.Move(temporary, PathOf(bundle.TrustDomain), overwrite: true);
    }

    /// <summary>Forgets a trust domain.</summary>
    public void Delete(TrustDomain trustDomain)
    {
        if (Directory.Exists(directory))
        {
            File.Delete(PathOf(trustDomain));
        }
    }

    private static TrustBundle? TryRead(string file)
    {
        try
        {
            return TrustDomain.TryParse(Path.GetFileName(file)[..^Ending.Length], out var domain) ? TrustBundle.Parse(domain, File.ReadAllBytes(file)) : null;
        }
        catch (TrustBundleException)
        {
            return null;
        }
    }

    // A trust domain's name holds no slash.
    private string PathOf(TrustDomain trustDomain) => Path.Combine(directory, trustDomain.Name + Ending);
}
