namespace Castellan.SpiffeIdentity;

/// <summary>The one rule of the SPIFFE bundle format that a document breaks.</summary>
public enum TrustBundleFault
{
    /// <summary>It is longer than 4 MiB.</summary>
    TooLong,

    /// <summary>It is no JSON, or not an object.</summary>
    NotJson,

    /// <summary>An object names a member twice.</summary>
    DuplicateMember,

    /// <summary>The array <c>keys</c> is missing or null.</summary>
    NoKeys,

    /// <summary>The sequence is no whole number of 64 bits.</summary>
    BadSequence,

    /// <summary>The refresh hint is no whole number of seconds, or negative.</summary>
    BadRefreshHint,

    /// <summary>A JWT key has no <c>kid</c>.</summary>
    NoKeyId,

    /// <summary>The numbers of a JWT key are no public key.</summary>
    BadKey,

    /// <summary>An X.509 entry holds something that is no certificate.</summary>
    BadCertificate,

    /// <summary>A bundle map has no object <c>trust_domains</c>.</summary>
    NoTrustDomains,

    /// <summary>A name in a bundle map is no trust domain's.</summary>
    BadTrustDomain,
}
