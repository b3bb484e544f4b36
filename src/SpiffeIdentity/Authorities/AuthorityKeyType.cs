using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity;

/// <summary>The kinds of key that an authority makes.</summary>
public enum AuthorityKeyType
{
    /// <summary>EC P-256, signing with SHA-256: fast, and understood by everyone.</summary>
    EcP256,

    /// <summary>EC P-384, signing with SHA-384.</summary>
    EcP384,

    /// <summary>RSA of 2048 bits, signing with SHA-256: for verifiers that know no elliptic curves.</summary>
    Rsa2048,
}

/// <summary>Makes keys of a kind.</summary>
internal static class AuthorityKeyTypes
{
    public static AsymmetricAlgorithm NewKey(this AuthorityKeyType type) => type switch
    {
        AuthorityKeyType.EcP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        AuthorityKeyType.EcP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        _ => RSA.Create(2048),
    };
}
