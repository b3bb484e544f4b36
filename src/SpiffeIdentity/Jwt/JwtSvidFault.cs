namespace Castellan.SpiffeIdentity;

/// <summary>The one rule of the JWT-SVID standard that a token breaks.</summary>
public enum JwtSvidFault
{
    /// <summary>It is longer than 16 KiB.</summary>
    TooLong,

    /// <summary>It has five parts: an encrypted token (JWE), which no JWT-SVID is.</summary>
    Encrypted,

    /// <summary>It is no JWS in compact serialization: three parts, parted by dots.</summary>
    NotCompact,

    /// <summary>A part is no base64url: padding, white space or another character, or stray bits at its end.</summary>
    BadEncoding,

    /// <summary>The signature is empty.</summary>
    NotSigned,

    /// <summary>Header or payload is no JSON object.</summary>
    BadJson,

    /// <summary>Header or payload names a member twice.</summary>
    DuplicateMember,

    /// <summary>The algorithm is none of RS, ES and PS with 256, 384 or 512.</summary>
    BadAlgorithm,

    /// <summary>The header holds a member other than alg, kid and typ, such as jwk, jku or crit.</summary>
    ForbiddenHeader,

    /// <summary>The type is neither <c>JWT</c> nor <c>JOSE</c>.</summary>
    BadType,

    /// <summary>The key ID is missing.</summary>
    NoKeyId,

    /// <summary>The subject is missing or no text.</summary>
    NoSubject,

    /// <summary>The subject is no SPIFFE ID.</summary>
    BadSubject,

    /// <summary>The subject is a trust domain's ID, not a workload's.</summary>
    SubjectHasNoPath,

    /// <summary>No bundle is held for the subject's trust domain.</summary>
    NoBundle,

    /// <summary>The bundle has no key of this ID.</summary>
    UnknownKey,

    /// <summary>The algorithm does not belong to the key that the bundle has under this ID.</summary>
    KeyMismatch,

    /// <summary>The signature is wrong.</summary>
    BadSignature,

    /// <summary>The audience is missing or empty.</summary>
    NoAudience,

    /// <summary>The audience is of a wrong type, or one of its values is empty.</summary>
    BadAudience,

    /// <summary>The token is for someone else.</summary>
    OtherAudience,

    /// <summary>The expiry is missing.</summary>
    NoExpiry,

    /// <summary>A time (exp, nbf, iat) is no number of seconds.</summary>
    BadTime,

    /// <summary>The token has expired.</summary>
    Expired,

    /// <summary>The token is not valid yet.</summary>
    NotYetValid,

    /// <summary>The token says that it was issued in the future.</summary>
    IssuedInFuture,
}
