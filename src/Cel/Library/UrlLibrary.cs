using System.Web;

namespace Castellan.Cel.Library;

/// <summary>Kubernetes' URL functions.</summary>
/// <remarks>Source: Kubernetes documentation, "Common Expression Language in Kubernetes", "Kubernetes URL library".</remarks>
internal static class UrlLibrary
{
    public static readonly CelType Url = CelType.Opaque("kubernetes.URL");

    public static IEnumerable<CelOverload> Overloads() =>
    [
        CelOverload.Global("url", [CelType.String], Url, a =>
            Parse(a[0].Text) is { } url ? CelValue.From(url) : CelValue.Fail($"{Formatting.Hint(a[0])} is no URL; write it with a scheme, or as a path from the root")),
        CelOverload.Global("isURL", [CelType.String], CelType.Bool, a => CelValue.From(Parse(a[0].Text) is not null)),
        Part("getScheme", u => u.IsAbsoluteUri ? u.Scheme : ""),
        Part("getHost", u => u.IsAbsoluteUri ? Port(u) is { Length: > 0 } port ? $"{u.Host}:{port}" : u.Host : ""),
        Part("getHostname", u => u.IsAbsoluteUri ? u.Host.Trim('[', ']') : ""),
        Part("getPort", u => u.IsAbsoluteUri ? Port(u) : ""),
        Part("getEscapedPath", u => u.IsAbsoluteUri ? u.AbsolutePath : u.OriginalString.Split('?', '#')[0]),
        CelOverload.Member("getQuery", [Url], CelType.Map(CelType.String, CelType.List(CelType.String)), a => Query((UrlValue)a[0].AsOpaque)),
    ];

    private static CelOverload Part(string name, Func<Uri, string> read) =>
        CelOverload.Member(name, [Url], CelType.String, a => CelValue.From(read(((UrlValue)a[0].AsOpaque).Uri)));

    private static UrlValue? Parse(string text)
    {
        if (text.Any(c => char.IsControl(c) || c == ' ')) return null;
        var rooted = text.StartsWith('/');
        if (!rooted && (!Uri.TryCreate(text, UriKind.Absolute, out var absolute) || !text.Contains("://", StringComparison.Ordinal) || absolute.IsFile)) return null;
        return Uri.TryCreate(text, rooted ? UriKind.Relative : UriKind.Absolute, out var uri) ? new UrlValue(uri) : null;
    }

    // Only a port that is written counts; .NET fills in the scheme's own.
    private static string Port(Uri uri)
    {
        var authority = uri.OriginalString.Split("://", 2)[^1].Split('/', '?', '#')[0];
        var host = authority[(authority.LastIndexOf('@') + 1)..];
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[(colon + 1)..] : "";
    }

    private static CelValue Query(UrlValue url)
    {
        var text = url.Uri.OriginalString.Split('#')[0];
        var query = text.Contains('?', StringComparison.Ordinal) ? text[(text.IndexOf('?', StringComparison.Ordinal) + 1)..] : "";
        var parts = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2))
            .GroupBy(p => HttpUtility.UrlDecode(p[0]), p => p.Length > 1 ? HttpUtility.UrlDecode(p[1]) : "");
        return CelValue.From(CelMap.Create(parts.Select(p => KeyValuePair.Create(CelValue.From(p.Key), CelValue.From(p.AsEnumerable())))));
    }

    private sealed class UrlValue(Uri uri) : CelOpaque
    {
        public Uri Uri { get; } = uri;

        public override CelType Type => Url;

        public override bool Equals(object? obj) => obj is UrlValue other && Uri.OriginalString == other.Uri.OriginalString;

        public override int GetHashCode() => Uri.OriginalString.GetHashCode(StringComparison.Ordinal);

        public override string ToString() => Uri.OriginalString;
    }
}
