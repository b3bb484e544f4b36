namespace Castellan.SpiffeIdentity;

/// <summary>The one rule of the SPIFFE-ID standard that a text breaks.</summary>
public enum SpiffeIdFault
{
    /// <summary>The text is empty.</summary>
    Empty,

    /// <summary>It does not begin with <c>spiffe://</c> in lower case.</summary>
    WrongScheme,

    /// <summary>It is longer than 2048 bytes.</summary>
    TooLong,

    /// <summary>No trust domain stands after the scheme.</summary>
    MissingTrustDomain,

    /// <summary>The trust domain holds something other than <c>a-z 0-9 . - _</c> that none of the faults below names.</summary>
    BadTrustDomainCharacter,

    /// <summary>The trust domain holds an upper-case letter.</summary>
    UpperCaseTrustDomain,

    /// <summary>User information stands before the trust domain.</summary>
    HasUserInfo,

    /// <summary>A port stands behind the trust domain.</summary>
    HasPort,

    /// <summary>There is a query.</summary>
    HasQuery,

    /// <summary>There is a fragment.</summary>
    HasFragment,

    /// <summary>Something is percent-encoded.</summary>
    PercentEncoded,

    /// <summary>The trust domain is longer than 255 bytes.</summary>
    TrustDomainTooLong,

    /// <summary>A path that does not begin with a slash.</summary>
    NoLeadingSlash,

    /// <summary>A path segment is empty.</summary>
    EmptySegment,

    /// <summary>The path ends with a slash.</summary>
    TrailingSlash,

    /// <summary>A path segment is <c>.</c> or <c>..</c>.</summary>
    DotSegment,

    /// <summary>A path segment holds something other than <c>A-Z a-z 0-9 . - _</c> that none of the faults above names.</summary>
    BadPathCharacter,
}
