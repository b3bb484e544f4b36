namespace Castellan.SpiffeIdentity;

/// <summary>Decides whether a fetched bundle may take the place of the one that is held.</summary>
/// <remarks>Source: SPIFFE Trust Domain and Bundle standard, section 4.1.1 (sequence), and section 4: a bundle is one trust domain's alone.</remarks>
public static class FederatedBundleCheck
{
    /// <summary>Checks a fetched bundle.</summary>
    /// <param name="fetched">What the endpoint answered.</param>
    /// <param name="held">What is believed now; null at the first fetch.</param>
    /// <param name="own">Our own bundle: nobody else may show its keys as theirs.</param>
    /// <exception cref="FederatedBundleException">It is another trust domain's, ours, or older than what is held.</exception>
    public static void Check(TrustBundle fetched, TrustBundle? held, TrustBundle own)
    {
        if (fetched.TrustDomain == own.TrustDomain)
        {
            throw new FederatedBundleException(FederatedBundleFault.OwnTrustDomain, $"{own.TrustDomain} is our own trust domain; federate with others only");
        }

        foreach (var authority in fetched.X509Authorities)
        {
            if (own.X509.Holds(authority))
            {
                throw new FederatedBundleException(FederatedBundleFault.OwnKeys, $"the bundle shows a CA of our own trust domain {own.TrustDomain} as {fetched.TrustDomain}'s; the endpoint is not that trust domain's");
            }

            if (OwnerOf(authority) is { } owner && owner != fetched.TrustDomain)
            {
                throw new FederatedBundleException(FederatedBundleFault.OtherTrustDomain, $"the bundle holds a CA of trust domain {owner}, not of {fetched.TrustDomain}; correct the URL or the trust domain");
            }
        }

        if (held?.Sequence is { } before && (fetched.Sequence is not { } sequence || sequence < before))
        {
            var now = fetched.Sequence is { } s ? $"sequence {s}" : "no sequence";
            throw new FederatedBundleException(FederatedBundleFault.SequenceWentBack, $"the bundle of {fetched.TrustDomain} has {now} after {before}; an old copy is served, or its authority began anew: then create the resource again");
        }
    }

    /// <summary>The trust domain that a CA certificate names itself; null when it names none (the standard does not demand it).</summary>
    private static TrustDomain? OwnerOf(System.Security.Cryptography.X509Certificates.X509Certificate2 authority)
    {
        try
        {
            return CertificateFacts.Read(authority).Uris is [var uri] && SpiffeId.TryParse(uri, out var id) ? id.TrustDomain : null;
        }
        catch (X509SvidException e)
        {
            throw new FederatedBundleException(FederatedBundleFault.BadCertificate, $"a CA of the bundle cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>Why a fetched bundle is not believed.</summary>
public enum FederatedBundleFault
{
    /// <summary>It is named after our own trust domain.</summary>
    OwnTrustDomain,

    /// <summary>It shows our keys as another trust domain's.</summary>
    OwnKeys,

    /// <summary>A CA in it names another trust domain.</summary>
    OtherTrustDomain,

    /// <summary>A CA in it is malformed.</summary>
    BadCertificate,

    /// <summary>It is older than what is held.</summary>
    SequenceWentBack,
}

/// <summary>A fetched bundle is not believed.</summary>
/// <param name="fault">Why.</param>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
public sealed class FederatedBundleException(FederatedBundleFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public FederatedBundleFault Fault { get; } = fault;
}
