using System.Diagnostics.CodeAnalysis;

namespace Castellan.SpiffeIdentity;

/// <summary>A SPIFFE ID: <c>spiffe://&lt;trust domain&gt;/&lt;path&gt;</c>, compared byte by byte.</summary>
/// <remarks>Source: SPIFFE-ID standard; upper case in scheme or trust domain is refused, as go-spiffe does.</remarks>
public sealed record SpiffeId
{
    private readonly string _text;

    private SpiffeId(TrustDomain trustDomain, string path)
    {
        TrustDomain = trustDomain;
        Path = path;
        _text = SpiffeIdSyntax.Scheme + trustDomain.Name + path;
    }

    /// <summary>Who issues this identity.</summary>
    public TrustDomain TrustDomain { get; }

    /// <summary>The path with its leading slash, or empty for the trust domain's own ID.</summary>
    public string Path { get; }

    /// <summary>Reads a SPIFFE ID.</summary>
    /// <exception cref="SpiffeIdException">The text breaks a rule; <see cref="SpiffeIdException.Fault"/> says which.</exception>
    public static SpiffeId Parse(string text) => FaultOf(text, out var id) is { } fault ? throw new SpiffeIdException(fault, text) : id!;

    /// <summary>Reads a SPIFFE ID; false when the text breaks a rule.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SpiffeId? id)
    {
        id = null;
        return text is not null && FaultOf(text, out id) is null;
    }

    /// <summary>An ID of <paramref name="trustDomain"/> with a path that is empty or begins with a slash.</summary>
    /// <exception cref="SpiffeIdException">The path breaks a rule.</exception>
    public static SpiffeId FromPath(TrustDomain trustDomain, string path) =>
        SpiffeIdSyntax.PathFault(path) is { } fault ? throw new SpiffeIdException(fault, path) : Checked(trustDomain, path);

    /// <summary>An ID whose path is made of <paramref name="segments"/>; none gives the trust domain's own ID.</summary>
    /// <exception cref="SpiffeIdException">A segment is empty or holds a character that may not stand there.</exception>
    public static SpiffeId FromSegments(TrustDomain trustDomain, params IEnumerable<string> segments)
    {
        var path = "";
        foreach (var segment in segments)
        {
            if (SpiffeIdSyntax.SegmentFault(segment) is { } fault)
            {
                throw new SpiffeIdException(fault, segment);
            }

            path += "/" + segment;
        }

        return Checked(trustDomain, path);
    }

    /// <summary>Castellan's ID of a Kubernetes service account: <c>/ns/&lt;namespace&gt;/sa/&lt;name&gt;</c>.</summary>
    public static SpiffeId ForServiceAccount(TrustDomain trustDomain, string @namespace, string serviceAccount) =>
        FromSegments(trustDomain, "ns", @namespace, "sa", serviceAccount);

    /// <summary>Reads namespace and name out of an ID that <see cref="ForServiceAccount"/> made; false for any other shape.</summary>
    public bool TryGetServiceAccount([NotNullWhen(true)] out string? @namespace, [NotNullWhen(true)] out string? serviceAccount)
    {
        var segments = Path.Split('/');
        var fits = segments is ["", "ns", _, "sa", _];
        (@namespace, serviceAccount) = fits ? (segments[2], segments[4]) : (null, null);
        return fits;
    }

    /// <summary>Equal when every byte is.</summary>
    public bool Equals(SpiffeId? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc />
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The whole ID.</summary>
    public override string ToString() => _text;

    private static SpiffeId Checked(TrustDomain trustDomain, string path)
    {
        var id = new SpiffeId(trustDomain, path);
        return id._text.Length <= SpiffeIdSyntax.MaxIdBytes ? id : throw new SpiffeIdException(SpiffeIdFault.TooLong, id._text);
    }

    private static SpiffeIdFault? FaultOf(string text, out SpiffeId? id)
    {
        id = null;
        if (text.Length == 0)
        {
            return SpiffeIdFault.Empty;
        }

        if (!text.StartsWith(SpiffeIdSyntax.Scheme, StringComparison.Ordinal))
        {
            return SpiffeIdFault.WrongScheme;
        }

        if (text.Length > SpiffeIdSyntax.MaxIdBytes)
        {
            return SpiffeIdFault.TooLong;
        }

        var rest = text.AsSpan(SpiffeIdSyntax.Scheme.Length);
        var slash = rest.IndexOf('/');
        var name = slash < 0 ? rest : rest[..slash];
        var path = slash < 0 ? default : rest[slash..];
        if ((SpiffeIdSyntax.TrustDomainFault(name) ?? SpiffeIdSyntax.PathFault(path)) is { } fault)
        {
            return fault;
        }

        id = new(TrustDomain.Parse(name.ToString()), path.ToString());
        return null;
    }
}
