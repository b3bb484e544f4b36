namespace Castellan.SpiffeIdentity;

/// <summary>The one rule of the JWT-SVID standard that a token breaks.</summary>
public enum JwtSvidFault
{
    /// <summary>It is longer than 16 KiB.</summary>
    TooLong,

    /// <summary>It is no JWS in compact serialization: three parts of base64url without padding.</summary>
    NotCompact,

    /// <summary>Header or payload is no JSON object, or names a member twice.</summary>
    BadJson,

    /// <summary>The algorithm is none of RS, ES and PS with 256, 384 or 512.</summary>
    BadAlgorithm,

    /// <summary>The header holds a member other than alg, kid and typ, such as jwk, jku or crit.</summary>
    ForbiddenHeader,

    /// <summary>The type is neither <c>JWT</c> nor <c>JOSE</c>.</summary>
    BadType,

    /// <summary>The key ID is missing.</summary>
    NoKeyId,

    /// <summary>The subject is missing or no workload's SPIFFE ID.</summary>
    BadSubject,

    /// <summary>No bundle is held for the subject's trust domain.</summary>
    NoBundle,

    /// <summary>The bundle has no key of this ID.</summary>
    UnknownKey,

    /// <summary>The algorithm does not belong to the key that the bundle has under this ID.</summary>
    KeyMismatch,

    /// <summary>The signature is wrong.</summary>
    BadSignature,

    /// <summary>The audience is missing, empty or of a wrong type.</summary>
    BadAudience,

    /// <summary>The token is for someone else.</summary>
    OtherAudience,

    /// <summary>The expiry is missing or no number.</summary>
    BadExpiry,

    /// <summary>The token has expired.</summary>
    Expired,

    /// <summary>The token is not valid yet, or says it was issued in the future.</summary>
    NotYetValid,
}
