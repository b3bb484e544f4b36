namespace Castellan.SpiffeIdentity;

/// <summary>A text that is no SPIFFE ID, trust domain name or path; nothing cures it but another text.</summary>
/// <param name="fault">The rule it breaks.</param>
/// <param name="text">The text.</param>
public sealed class SpiffeIdException(SpiffeIdFault fault, string text) : FormatException(Describe(fault, text))
{
    /// <summary>The rule that the text breaks.</summary>
    public SpiffeIdFault Fault { get; } = fault;

    private static string Describe(SpiffeIdFault fault, string text)
    {
        var shown = text.Length <= 80 ? text : text[..80] + "…";
        return $"'{shown}' is no SPIFFE ID: " + fault switch
        {
            SpiffeIdFault.Empty => "it is empty; write spiffe://<trust domain>/<path>",
            SpiffeIdFault.WrongScheme => "the scheme is not spiffe; begin with spiffe:// in lower case",
            SpiffeIdFault.TooLong => $"it has {text.Length} bytes; keep to 2048",
            SpiffeIdFault.MissingTrustDomain => "the trust domain is missing; write it after spiffe://",
            SpiffeIdFault.BadTrustDomainCharacter => "the trust domain may hold only a-z 0-9 . - _; remove everything else",
            SpiffeIdFault.UpperCaseTrustDomain => "the trust domain holds upper case; write it in lower case",
            SpiffeIdFault.HasUserInfo => "user information stands before the trust domain; remove it and the @",
            SpiffeIdFault.HasPort => "a port stands behind the trust domain; remove it",
            SpiffeIdFault.HasQuery => "it has a query; remove everything from the question mark on",
            SpiffeIdFault.HasFragment => "it has a fragment; remove everything from the hash sign on",
            SpiffeIdFault.PercentEncoded => "it is percent-encoded; write the characters themselves",
            SpiffeIdFault.TrustDomainTooLong => "the trust domain is longer than 255 bytes; shorten it",
            SpiffeIdFault.NoLeadingSlash => "the path does not begin with a slash; add it",
            SpiffeIdFault.EmptySegment => "a path segment is empty; remove the doubled slash",
            SpiffeIdFault.TrailingSlash => "the path ends with a slash; remove it",
            SpiffeIdFault.DotSegment => "a path segment is . or ..; write the path without them",
            _ => "a path segment may hold only A-Z a-z 0-9 . - _; remove everything else",
        };
    }
}
