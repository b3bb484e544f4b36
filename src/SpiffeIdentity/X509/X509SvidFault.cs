namespace Castellan.SpiffeIdentity;

/// <summary>The one rule of the X.509-SVID standard that a certificate, key or chain breaks.</summary>
public enum X509SvidFault
{
    /// <summary>There is no certificate.</summary>
    ChainEmpty,

    /// <summary>The bytes are no DER certificates, or something trails them.</summary>
    BadEncoding,

    /// <summary>An extension of a certificate is malformed.</summary>
    MalformedExtension,

    /// <summary>An extension stands in a certificate twice.</summary>
    DuplicateExtension,

    /// <summary>The leaf has no URI name.</summary>
    NoUriName,

    /// <summary>The leaf has more than one URI name.</summary>
    SeveralUriNames,

    /// <summary>The URI name is no SPIFFE ID.</summary>
    BadSpiffeId,

    /// <summary>The leaf's SPIFFE ID has no path.</summary>
    NoPath,

    /// <summary>The leaf is a CA certificate.</summary>
    LeafIsCa,

    /// <summary>The leaf may sign certificates.</summary>
    LeafHasKeyCertSign,

    /// <summary>The leaf may sign revocation lists.</summary>
    LeafHasCrlSign,

    /// <summary>An SVID of our own without key usage.</summary>
    NoKeyUsage,

    /// <summary>An SVID of our own whose key usage is not critical.</summary>
    KeyUsageNotCritical,

    /// <summary>An SVID of our own without digitalSignature.</summary>
    NoDigitalSignature,

    /// <summary>An SVID of our own whose extended key usage lacks serverAuth or clientAuth.</summary>
    BadExtendedKeyUsage,

    /// <summary>The subject is empty and the alternative name is not critical.</summary>
    NameNotCritical,

    /// <summary>A signing certificate of the chain is no CA.</summary>
    SignerIsNotCa,

    /// <summary>A signing certificate of the chain lacks keyCertSign.</summary>
    SignerHasNoKeyCertSign,

    /// <summary>A signing certificate of our own chain whose key usage is not critical.</summary>
    SignerKeyUsageNotCritical,

    /// <summary>A signing certificate has a SPIFFE ID with a path.</summary>
    SignerHasPath,

    /// <summary>The private key is no unencrypted PKCS#8, or something trails it.</summary>
    BadKey,

    /// <summary>The private key belongs to another certificate.</summary>
    KeyMismatch,

    /// <summary>No bundle is held for the leaf's trust domain, or it has no X.509 authority.</summary>
    NoBundle,

    /// <summary>A certificate of the path has expired.</summary>
    Expired,

    /// <summary>A certificate of the path is not valid yet.</summary>
    NotYetValid,

    /// <summary>There are more CAs below a CA than its path length allows.</summary>
    PathTooLong,

    /// <summary>The ID lies outside the name constraints of a CA.</summary>
    OutsideNameConstraints,

    /// <summary>A certificate holds a critical extension that nobody here understands.</summary>
    UnknownCriticalExtension,

    /// <summary>A signature of the path is wrong.</summary>
    BadSignature,

    /// <summary>No path leads to an authority of the bundle.</summary>
    Untrusted,

    /// <summary>The Workload API gave no bundle with the SVID.</summary>
    BundleMissing,
}
