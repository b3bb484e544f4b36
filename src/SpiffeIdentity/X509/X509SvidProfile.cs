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
        var facts = CertificateFacts.Read(leaf);
        var id = SingleId(facts.Uris);
        if (id.Path.Length == 0)
        {
            throw new X509SvidException(X509SvidFault.NoPath, $"the leaf's ID {id} has no path; a workload's ID has one");
        }

        if (facts.IsCa)
        {
            throw new X509SvidException(X509SvidFault.LeafIsCa, $"the certificate of {id} is a CA; a workload's is not");
        }

        var usage = facts.KeyUsage?.KeyUsages ?? X509KeyUsageFlags.None;
        if (usage.HasFlag(X509KeyUsageFlags.KeyCertSign))
        {
            throw new X509SvidException(X509SvidFault.LeafHasKeyCertSign, $"the certificate of {id} may sign certificates; a workload's may not");
        }

        return usage.HasFlag(X509KeyUsageFlags.CrlSign)
            ? throw new X509SvidException(X509SvidFault.LeafHasCrlSign, $"the certificate of {id} may sign revocation lists; a workload's may not")
            : id;
    }

    /// <summary>The key usage that every issuer must give a leaf, though validators need not look.</summary>
    public static void CheckLeafKeyUsage(X509Certificate2 leaf, SpiffeId id)
    {
        if (CertificateFacts.Read(leaf).KeyUsage is not { } usage)
        {
            throw new X509SvidException(X509SvidFault.NoKeyUsage, $"the SVID of {id} has no key usage; have it issued again");
        }

        if (!usage.Critical)
        {
            throw new X509SvidException(X509SvidFault.KeyUsageNotCritical, $"the key usage of {id} is not critical; have the SVID issued again");
        }

        if (!usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature))
        {
            throw new X509SvidException(X509SvidFault.NoDigitalSignature, $"the SVID of {id} lacks digitalSignature; have it issued again");
        }
    }

    /// <summary>What we demand of a leaf that we show ourselves, beyond what validators check.</summary>
    public static void CheckOwnLeaf(X509Certificate2 leaf, SpiffeId id)
    {
        CheckLeafKeyUsage(leaf, id);
        var facts = CertificateFacts.Read(leaf);
        if (facts.Purposes is { } purposes && (!purposes.Contains(ServerAuth) || !purposes.Contains(ClientAuth)))
        {
            throw new X509SvidException(X509SvidFault.BadExtendedKeyUsage, $"the SVID of {id} lacks serverAuth or clientAuth; have it issued again");
        }

        if (!facts.HasSubject && !facts.NamesAreCritical)
        {
            throw new X509SvidException(X509SvidFault.NameNotCritical, $"the SVID of {id} has no subject, yet its alternative name is not critical; have it issued again");
        }
    }

    /// <summary>What holds of every certificate above the leaf.</summary>
    public static void CheckSigner(X509Certificate2 signer) => CheckSigner(signer, CertificateFacts.Read(signer));

    /// <summary>What we demand of the signing certificates that we show ourselves, beyond what validators check.</summary>
    public static void CheckOwnSigner(X509Certificate2 signer)
    {
        var facts = CertificateFacts.Read(signer);
        CheckSigner(signer, facts);
        if (!facts.KeyUsage!.Critical)
        {
            throw new X509SvidException(X509SvidFault.SignerKeyUsageNotCritical, $"the key usage of signing certificate '{signer.Subject}' is not critical; have it issued again");
        }
    }

    private static void CheckSigner(X509Certificate2 signer, CertificateFacts facts)
    {
        if (!facts.IsCa)
        {
            throw new X509SvidException(X509SvidFault.SignerIsNotCa, $"signing certificate '{signer.Subject}' is no CA; send the chain of the issuing authority");
        }

        if (facts.KeyUsage?.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign) != true)
        {
            throw new X509SvidException(X509SvidFault.SignerHasNoKeyCertSign, $"signing certificate '{signer.Subject}' lacks keyCertSign; send the chain of the issuing authority");
        }

        foreach (var uri in facts.Uris)
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
}
