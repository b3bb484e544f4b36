using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity;

/// <summary>Verifies the chain that a peer shows.</summary>
/// <remarks>Source: X.509-SVID standard, section 5: RFC 5280 path validation against the bundle of the leaf's own trust domain.</remarks>
public static class X509SvidVerifier
{
    private const X509ChainStatusFlags NameConstraints =
        X509ChainStatusFlags.InvalidNameConstraints | X509ChainStatusFlags.HasNotSupportedNameConstraint | X509ChainStatusFlags.HasNotDefinedNameConstraint
        | X509ChainStatusFlags.HasNotPermittedNameConstraint | X509ChainStatusFlags.HasExcludedNameConstraint;

    /// <summary>Verifies a chain and gives the SPIFFE ID it proves.</summary>
    /// <param name="chain">Leaf first; what follows are candidates for the path, in any order.</param>
    /// <param name="bundles">The bundles that are believed.</param>
    /// <param name="now">The moment at which the chain must be valid.</param>
    /// <exception cref="X509SvidException">The chain proves nothing; <see cref="X509SvidException.Fault"/> says why.</exception>
    public static SpiffeId Verify(IReadOnlyList<X509Certificate2> chain, X509BundleSet bundles, DateTimeOffset now)
    {
        if (chain.Count == 0)
        {
            throw new X509SvidException(X509SvidFault.ChainEmpty, "the peer showed no certificate; mutual TLS needs its X.509-SVID");
        }

        var id = X509SvidProfile.CheckLeaf(chain[0]);
        if (bundles.Find(id.TrustDomain) is not { Authorities.Count: > 0 } bundle)
        {
            throw new X509SvidException(X509SvidFault.NoBundle, $"no X.509 authority is known for trust domain {id.TrustDomain}; federate with it first");
        }

        using var path = new X509Chain();
        try
        {
            path.ChainPolicy = Policy(chain, bundle, now);
            if (!path.Build(chain[0]))
            {
                throw Failure(id, path, now);
            }

            // The platform calls an authority that is not self-signed a partial chain, so unknown authorities are let through
            // above and the anchor is compared byte by byte here.
            return LeadsTo(bundle, path)
                ? id
                : throw new X509SvidException(X509SvidFault.Untrusted, $"no authority of {id.TrustDomain} vouches for {id}; the peer's authority differs, or it left out its intermediates");
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException)
        {
            throw new X509SvidException(X509SvidFault.BadEncoding, $"a certificate of the chain of {id} cannot be read; have it issued again", e);
        }
        finally
        {
            foreach (var element in path.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    /// <summary>Holds a chain to all that its issuer must heed, without asking who vouches for it: what we demand of our own SVIDs.</summary>
    /// <param name="chain">Leaf first, then its signing certificates.</param>
    /// <returns>The SPIFFE ID that the leaf claims; it is not proven.</returns>
    /// <exception cref="X509SvidException">A rule is broken; <see cref="X509SvidException.Fault"/> says which.</exception>
    public static SpiffeId CheckProfile(IReadOnlyList<X509Certificate2> chain)
    {
        var id = CheckKeyUsage(chain);
        X509SvidProfile.CheckOwnLeaf(chain[0], id);
        foreach (var signer in chain.Skip(1))
        {
            X509SvidProfile.CheckOwnSigner(signer);
        }

        return id;
    }

    /// <summary>Holds a leaf to what validators check and to the key usage that its issuer must give it.</summary>
    /// <param name="chain">Leaf first.</param>
    /// <returns>The SPIFFE ID that the leaf claims; it is not proven.</returns>
    /// <exception cref="X509SvidException">A rule is broken; <see cref="X509SvidException.Fault"/> says which.</exception>
    public static SpiffeId CheckKeyUsage(IReadOnlyList<X509Certificate2> chain)
    {
        var id = X509SvidProfile.CheckLeaf(chain.Count > 0 ? chain[0] : throw new X509SvidException(X509SvidFault.ChainEmpty, "there is no certificate; put the leaf first"));
        X509SvidProfile.CheckLeafKeyUsage(chain[0], id);
        return id;
    }

    /// <summary>The trust domain that a CA certificate names in its own SPIFFE ID; null when it carries none.</summary>
    /// <exception cref="X509SvidException">An extension of the certificate is malformed.</exception>
    public static TrustDomain? TrustDomainOf(X509Certificate2 authority) =>
        CertificateFacts.Read(authority).Uris is [var uri] && SpiffeId.TryParse(uri, out var id) && id.Path.Length == 0 ? id.TrustDomain : null;

    private static X509ChainPolicy Policy(IReadOnlyList<X509Certificate2> chain, X509Bundle bundle, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // SVIDs are short-lived instead
            VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority,
            DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime,
        };
        foreach (var authority in bundle.Authorities)
        {
            policy.CustomTrustStore.Add(authority);
        }

        foreach (var intermediate in chain.Skip(1))
        {
            policy.ExtraStore.Add(intermediate);
        }

        return policy;
    }

    private static bool LeadsTo(X509Bundle bundle, X509Chain path)
    {
        for (var i = 1; i < path.ChainElements.Count; i++)
        {
            X509SvidProfile.CheckSigner(path.ChainElements[i].Certificate);
            if (bundle.Holds(path.ChainElements[i].Certificate))
            {
                return true;
            }
        }

        return false;
    }

    private static X509SvidException Failure(SpiffeId id, X509Chain path, DateTimeOffset now)
    {
        if (SignerProblem(path) is { } problem)
        {
            return problem;
        }

        var found = path.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, next) => all | next.Status);
        if (found.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return path.ChainElements.Any(e => new DateTimeOffset(e.Certificate.NotBefore.ToUniversalTime()) > now)
                ? new(X509SvidFault.NotYetValid, $"the chain of {id} is not valid yet; check both clocks")
                : new(X509SvidFault.Expired, $"the chain of {id} has expired; the peer must renew its SVID");
        }

        var fault = found switch
        {
            _ when found.HasFlag(X509ChainStatusFlags.HasNotSupportedCriticalExtension) => X509SvidFault.UnknownCriticalExtension,
            _ when (found & NameConstraints) != 0 => X509SvidFault.OutsideNameConstraints,
            _ when found.HasFlag(X509ChainStatusFlags.InvalidBasicConstraints) => X509SvidFault.PathTooLong,
            _ when found.HasFlag(X509ChainStatusFlags.NotSignatureValid) => X509SvidFault.BadSignature,
            _ => X509SvidFault.Untrusted,
        };
        return new(fault, $"the chain of {id} is not valid: {found}; have it issued again");
    }

    /// <summary>A signer that is none explains more than what the platform says of the path.</summary>
    private static X509SvidException? SignerProblem(X509Chain path)
    {
        try
        {
            foreach (var element in path.ChainElements.Skip(1))
            {
                X509SvidProfile.CheckSigner(element.Certificate);
            }

            return null;
        }
        catch (X509SvidException e)
        {
            return e;
        }
    }
}
