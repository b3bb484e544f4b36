using System.Buffers;

namespace Castellan.SpiffeIdentity;

/// <summary>The rules of the text, as checks that return the first fault or null.</summary>
/// <remarks>Source: SPIFFE-ID standard, sections 2.1 to 2.3.</remarks>
internal static class SpiffeIdSyntax
{
    public const string Scheme = "spiffe://";
    public const int MaxIdBytes = 2048;
    public const int MaxTrustDomainBytes = 255;

    private static readonly SearchValues<char> s_trustDomainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-_");
    private static readonly SearchValues<char> s_pathCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    public static SpiffeIdFault? TrustDomainFault(ReadOnlySpan<char> name) => name switch
    {
        { IsEmpty: true } => SpiffeIdFault.MissingTrustDomain,
        _ when name.IndexOfAnyExcept(s_trustDomainCharacters) is >= 0 and var at => TrustDomainCharacterFault(name, name[at]),
        { Length: > MaxTrustDomainBytes } => SpiffeIdFault.TrustDomainTooLong,
        _ => null,
    };

    /// <summary>An empty path is the trust domain's own; any other begins with a slash.</summary>
    public static SpiffeIdFault? PathFault(ReadOnlySpan<char> path)
    {
        if (path.IsEmpty)
        {
            return null;
        }

        if (path[0] != '/')
        {
            return SpiffeIdFault.NoLeadingSlash;
        }

        var rest = path[1..];
        foreach (var range in rest.Split('/'))
        {
            var segment = rest[range];
            if (segment.IsEmpty)
            {
                return range.End.GetOffset(rest.Length) == rest.Length ? SpiffeIdFault.TrailingSlash : SpiffeIdFault.EmptySegment;
            }

            if (SegmentFault(segment) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    public static SpiffeIdFault? SegmentFault(ReadOnlySpan<char> segment) => segment switch
    {
        { IsEmpty: true } => SpiffeIdFault.EmptySegment,
        "." or ".." => SpiffeIdFault.DotSegment,
        _ when segment.IndexOfAnyExcept(s_pathCharacters) is >= 0 and var at => CommonFault(segment[at]) ?? SpiffeIdFault.BadPathCharacter,
        _ => null,
    };

    private static SpiffeIdFault TrustDomainCharacterFault(ReadOnlySpan<char> name, char first) => CommonFault(first) ?? first switch
    {
        '@' => SpiffeIdFault.HasUserInfo,
        ':' => name.Contains('@') ? SpiffeIdFault.HasUserInfo : SpiffeIdFault.HasPort,
        >= 'A' and <= 'Z' => SpiffeIdFault.UpperCaseTrustDomain,
        _ => SpiffeIdFault.BadTrustDomainCharacter,
    };

    private static SpiffeIdFault? CommonFault(char character) => character switch
    {
        '?' => SpiffeIdFault.HasQuery,
        '#' => SpiffeIdFault.HasFragment,
        '%' => SpiffeIdFault.PercentEncoded,
        _ => null,
    };
}
