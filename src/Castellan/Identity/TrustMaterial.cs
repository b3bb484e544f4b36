using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Castellan.Cli.CommandLine;
using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Identity;

/// <summary>The bundles that a check believes, each under the name of its trust domain.</summary>
/// <remarks>
/// A bundle does not say whose it is. The name comes from whoever gives it, else from the SPIFFE ID in its own CA certificates. A
/// bundle that stays without a name is believed for the trust domain of the SVID under check, as <c>openssl verify -CAfile</c> would.
/// </remarks>
internal sealed class TrustMaterial
{
    private readonly Dictionary<TrustDomain, TrustBundle> _named = [];
    private readonly List<string> _nameless = [];

    public bool IsEmpty => _named.Count + _nameless.Count == 0;

    /// <summary>Reads <c>[NAME=]FILE</c>.</summary>
    /// <exception cref="CommandFailure">The file cannot be read or holds no bundle.</exception>
    public void AddFile(string given, TrustDomain? owner)
    {
        var file = given;
        if (!File.Exists(given) && given.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && TrustDomain.TryParse(given[..at], out var named))
        {
            (owner, file) = (named, given[(at + 1)..]);
        }

        if (!File.Exists(file))
        {
            throw new CommandFailure($"bundle file '{file}' does not exist", "give a JWK Set, a bundle map or PEM certificates: --bundle [TRUST-DOMAIN=]FILE", ExitCode.Usage);
        }

        try
        {
            Add(File.ReadAllText(file), owner);
        }
        catch (TrustBundleException e)
        {
            throw new CommandFailure($"{file} holds no bundle: {e.Message}", "give a JWK Set, a bundle map or PEM certificates", ExitCode.Usage, e);
        }
    }

    /// <summary>Adds a bundle in any of its forms.</summary>
    /// <exception cref="TrustBundleException">It is none.</exception>
    public void Add(string text, TrustDomain? owner)
    {
        if (text.Contains("\"trust_domains\"", StringComparison.Ordinal))
        {
            foreach (var (name, bundle) in TrustBundleMap.Parse(Encoding.UTF8.GetBytes(text)))
            {
                _named[name] = bundle;
            }
        }
        else if ((owner ?? OwnerOf(Read(text, Placeholder))) is { } name)
        {
            _named[name] = Read(text, name);
        }
        else
        {
            _nameless.Add(text);
        }
    }

    /// <summary>The bundle that is believed for a trust domain; null when none is.</summary>
    public TrustBundle? Find(TrustDomain trustDomain) =>
        _named.TryGetValue(trustDomain, out var bundle) ? bundle : _nameless.Count > 0 ? Read(_nameless[0], trustDomain) : null;

    private static TrustDomain Placeholder { get; } = TrustDomain.Parse("unnamed");

    private static TrustBundle Read(string text, TrustDomain trustDomain) => text.Contains("-----BEGIN", StringComparison.Ordinal)
        ? new(trustDomain, [.. Certificates(text)], [])
        : TrustBundle.Parse(trustDomain, Encoding.UTF8.GetBytes(text));

    private static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
            return certificates;
        }
        catch (CryptographicException e)
        {
            throw new TrustBundleException(TrustBundleFault.BadCertificate, "a PEM block is no certificate; give CA certificates", e);
        }
    }

    private static TrustDomain? OwnerOf(TrustBundle bundle)
    {
        try
        {
            var owners = bundle.X509Authorities.Select(X509SvidVerifier.TrustDomainOf).Distinct().ToList();
            return owners is [{ } only] ? only : null;
        }
        catch (X509SvidException e)
        {
            throw new TrustBundleException(TrustBundleFault.BadCertificate, e.Message, e);
        }
    }
}
