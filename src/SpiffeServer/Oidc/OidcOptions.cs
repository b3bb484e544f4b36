using System.Net;

namespace Castellan.SpiffeServer.Oidc;

/// <summary>How OpenID consumers (clouds, Vault, databases) learn the keys of JWT-SVIDs; section <c>SpiffeServer:Oidc</c>.</summary>
public sealed class OidcOptions
{
    private const string Section = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Oidc)}";

    /// <summary>URL that consumers know the authority by, and claim <c>iss</c> of JWT-SVIDs; empty leaves the claim out.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>IP and port of the discovery endpoint (HTTPS, no client authentication); empty serves none.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>PEM of the certificate that consumers' Web PKI believes, then those above it; empty shows the server's X.509-SVID.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>PEM of its private key.</summary>
    public string KeyFile { get; set; } = "";

    internal IEnumerable<string> Faults()
    {
        if (Issuer.Length > 0 && !IsIssuer(Issuer))
        {
            yield return $"{Section}:{nameof(Issuer)} is '{Issuer}'; write an https URL without query, fragment and a slash at its end";
        }

        if (Endpoint.Length > 0 && !IPEndPoint.TryParse(Endpoint, out _))
        {
            yield return $"{Section}:{nameof(Endpoint)} is '{Endpoint}'; write IP:port";
        }

        if (Endpoint.Length > 0 && Issuer.Length == 0)
        {
            yield return $"{Section}:{nameof(Issuer)} is empty; name the URL under which consumers reach {nameof(Endpoint)}";
        }

        if (CertificateFile.Length > 0 != KeyFile.Length > 0)
        {
            yield return $"{Section}:{nameof(KeyFile)} is '{KeyFile}' and {nameof(CertificateFile)} '{CertificateFile}'; give both or neither";
        }
    }

    // Source: OpenID Connect Discovery 1.0, section 3, "issuer".
    private static bool IsIssuer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0
        && text[^1] != '/' && !text.Contains('?', StringComparison.Ordinal) && !text.Contains('#', StringComparison.Ordinal);
}
