using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>What the X.509-SVID standard asks of single certificates, before any path is built.</summary>
/// <remarks>Source: X.509-SVID standard, sections 2 to 5.</remarks>
internal static class X509SvidProfile
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    /// <summary>What every validator must check of a leaf; gives its SPIFFE ID.</summary>
    public static SpiffeId CheckLeaf(X509Certificate2 leaf)
    {
        var (uris, _) = CertificateNames.UriNames(leaf);
        var id = SingleId(uris);
        if (id.Path.Length == 0)
        {
            throw new X509SvidException(X509SvidFault.NoPath, $"the leaf's ID {id} has no path; a workload's ID has one");
        }

        if (IsCa(leaf))
        {
            throw new X509SvidException(X509SvidFault.LeafIsCa, $"the certificate of {id} is a CA; a workload's is not");
        }

        var usage = KeyUsage(leaf)?.KeyUsages ?? X509KeyUsageFlags.None;
        if (usage.HasFlag(X509KeyUsageFlags.KeyCertSign))
        {
            throw new X509SvidException(X509SvidFault.LeafHasKeyCertSign, $"the certificate of {id} may sign certificates; a workload's may not");
        }

        return usage.HasFlag(X509KeyUsageFlags.CrlSign)
            ? throw new X509SvidException(X509SvidFault.LeafHasCrlSign, $"the certificate of {id} may sign revocation lists; a workload's may not")
            : id;
    }

    /// <summary>What we demand of a leaf that we show ourselves, beyond what validators check.</summary>
    public static void CheckOwnLeaf(X509Certificate2 leaf, SpiffeId id)
    {
        if (KeyUsage(leaf) is not { Critical: true } usage)
        {
            throw new X509SvidException(X509SvidFault.NoKeyUsage, $"the SVID of {id} has no critical key usage; have it issued again");
        }

        if (!usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature))
        {
            throw new X509SvidException(X509SvidFault.NoDigitalSignature, $"the SVID of {id} lacks digitalSignature; have it issued again");
        }

        if (leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { } extended)
        {
            var purposes = extended.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Select(o => o.Value).ToList();
            if (!purposes.Contains(ServerAuth) || !purposes.Contains(ClientAuth))
            {
                throw new X509SvidException(X509SvidFault.BadExtendedKeyUsage, $"the SVID of {id} lacks serverAuth or clientAuth; have it issued again");
            }
        }

        if (leaf.SubjectName.RawData is [0x30, 0] && !CertificateNames.UriNames(leaf).Critical)
        {
            throw new X509SvidException(X509SvidFault.NameNotCritical, $"the SVID of {id} has no subject, yet its alternative name is not critical; have it issued again");
        }
    }

    /// <summary>What holds of every certificate above the leaf.</summary>
    public static void CheckSigner(X509Certificate2 signer)
    {
        if (!IsCa(signer))
        {
            throw new X509SvidException(X509SvidFault.SignerIsNotCa, $"signing certificate '{signer.Subject}' is no CA; send the chain of the issuing authority");
        }

        if (KeyUsage(signer)?.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign) != true)
        {
            throw new X509SvidException(X509SvidFault.SignerHasNoKeyCertSign, $"signing certificate '{signer.Subject}' lacks keyCertSign; send the chain of the issuing authority");
        }

        foreach (var uri in CertificateNames.UriNames(signer).Uris)
        {
            if (SpiffeId.TryParse(uri, out var id) && id.Path.Length > 0)
            {
                throw new X509SvidException(X509SvidFault.SignerHasPath, $"signing certificate carries the workload ID {id}; an authority's ID has no path");
            }
        }
    }

    private static SpiffeId SingleId(IReadOnlyList<string> uris)
    {
        if (uris.Count != 1)
        {
            throw uris.Count == 0
                ? new X509SvidException(X509SvidFault.NoUriName, "the leaf has no URI name; an X.509-SVID has exactly one")
                : new X509SvidException(X509SvidFault.SeveralUriNames, $"the leaf has {uris.Count} URI names; an X.509-SVID has exactly one");
        }

        try
        {
            return SpiffeId.Parse(uris[0]);
        }
        catch (SpiffeIdException e)
        {
            throw new X509SvidException(X509SvidFault.BadSpiffeId, e.Message, e);
        }
    }

    private static bool IsCa(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority);

    private static X509KeyUsageExtension? KeyUsage(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
}
