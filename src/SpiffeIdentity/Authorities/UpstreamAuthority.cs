using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>Reads an upstream CA and holds it to what an authority of this trust domain must be.</summary>
internal sealed class UpstreamAuthority(UpstreamAuthorityOptions options, TrustDomain trustDomain)
{
    /// <summary>The CA as the files have it now.</summary>
    /// <exception cref="UpstreamAuthorityException">A file is missing or malformed, or the CA cannot sign ours.</exception>
    public SigningKey Load(DateTimeOffset now)
    {
        var chain = Certificates(options.CertificateFile);
        var certificate = chain[0];
        Check(certificate, now);
        var key = Key(certificate);
        var anchors = options.BundleFile is { } file ? Certificates(file) : [chain[^1]];
        return new(certificate, new(key, []), now)
        {
            Anchors = anchors,
            Above = [.. chain.Skip(1).Select(c => c.RawData).Where(above => !anchors.Exists(a => a.RawData.AsSpan().SequenceEqual(above)))],
        };
    }

    private void Check(X509Certificate2 certificate, DateTimeOffset now)
    {
        try
        {
            X509SvidProfile.CheckSigner(certificate);
            if (X509SvidVerifier.TrustDomainOf(certificate) is { } owner && owner != trustDomain)
            {
                throw Unusable(options.CertificateFile, $"the CA is of trust domain {owner}, not {trustDomain}");
            }
        }
        catch (X509SvidException e)
        {
            throw Unusable(options.CertificateFile, e.Message, e);
        }

        if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.HasPathLengthConstraint && b.PathLengthConstraint == 0))
        {
            throw Unusable(options.CertificateFile, "the CA's path length is 0, so that it may sign no CA; it must be 1 or more");
        }

        if (now < certificate.NotBefore.ToUniversalTime() || now >= certificate.NotAfter.ToUniversalTime())
        {
            throw Unusable(options.CertificateFile, $"the CA is valid from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u} only");
        }
    }

    private AsymmetricAlgorithm Key(X509Certificate2 certificate)
    {
        var isEc = certificate.GetKeyAlgorithm() == "1.2.840.10045.2.1";
        AsymmetricAlgorithm key = isEc ? ECDsa.Create() : RSA.Create();
        try
        {
            key.ImportFromPem(Text(options.KeyFile));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw Unusable(options.KeyFile, $"it holds no unencrypted {(isEc ? "EC" : "RSA")} private key in PEM", e);
        }

        return CertificateSigning.Fits(certificate, key) ? key : throw Unusable(options.KeyFile, $"the key does not belong to the certificate in {options.CertificateFile}");
    }

    private static List<X509Certificate2> Certificates(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Text(file));
        }
        catch (CryptographicException e)
        {
            throw Unusable(file, "a PEM block is no certificate", e);
        }

        return certificates.Count > 0 ? [.. certificates] : throw Unusable(file, "it holds no certificate in PEM");
    }

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(file, e.Message, e);
        }
    }

    private static UpstreamAuthorityException Unusable(string file, string problem, Exception? inner = null) => new(file, problem, inner);
}
