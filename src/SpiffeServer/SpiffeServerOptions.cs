using System.Net;
using Castellan.AgentApi.Workloads;
using Castellan.ServiceDefaults;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Exchange;
using Castellan.SpiffeServer.Oidc;

namespace Castellan.SpiffeServer;

/// <summary>How the authority runs. As a process of its own it reads section <c>SpiffeServer</c>, or the same keys from the command line.</summary>
public sealed class SpiffeServerOptions : ICheckedOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SpiffeServer";

    /// <summary>The trust domain, for example <c>castellan.local</c>.</summary>
    public string TrustDomain { get; set; } = "";

    /// <summary>Directory of the key file; kept across restarts, readable by this process alone.</summary>
    public string DataDirectory { get; set; } = "";

    /// <summary>IP and port of the bundle endpoint (no client authentication); empty serves none.</summary>
    public string BundleEndpoint { get; set; } = "";

    /// <summary>PEM of a certificate of the Web PKI, then those above it: the bundle endpoint has profile https_web. Empty: https_spiffe.</summary>
    public string BundleEndpointCertificateFile { get; set; } = "";

    /// <summary>PEM of that certificate's private key.</summary>
    public string BundleEndpointKeyFile { get; set; } = "";

    /// <summary>PEM of CAs, beside the system's, by which bundle endpoints of other trust domains with profile https_web are known.</summary>
    public string FederationCaFile { get; set; } = "";

    /// <summary>IP and port on which agents in pods are served, which prove their pod by a projected token; empty serves none. Needs a cluster.</summary>
    public string PodApi { get; set; } = "";

    /// <summary>Audience that those tokens must be for.</summary>
    public string PodTokenAudience { get; set; } = TrustConfig.TokenAudience;

    /// <summary>IP and port of the probes; empty serves none.</summary>
    public string Probes { get; set; } = "";

    /// <summary>Path of the bundle endpoint's own SPIFFE ID.</summary>
    public string EndpointIdPath { get; set; } = "/ns/castellan-system/sa/spiffe-server";

    /// <summary>Validity of X.509-SVIDs in seconds: 60 to 86,400.</summary>
    public int X509SvidTtlSeconds { get; set; } = 3600;

    /// <summary>File with the key that seals private keys at rest: 32 bytes as base64 or hex per line, the first seals. Empty leaves them to the file's mode.</summary>
    public string KeyEncryptionKeyFile { get; set; } = "";

    /// <summary>Kind of the keys that sign.</summary>
    public AuthorityKeyType KeyType { get; set; } = AuthorityKeyType.EcP256;

    /// <summary>Kind of the keys of X.509-SVIDs.</summary>
    public AuthorityKeyType SvidKeyType { get; set; } = AuthorityKeyType.EcP256;

    /// <summary>PEM of a CA that signs ours, then those above it; empty makes roots of our own.</summary>
    public string UpstreamCertificateFile { get; set; } = "";

    /// <summary>PEM of that CA's private key.</summary>
    public string UpstreamKeyFile { get; set; } = "";

    /// <summary>PEM of the roots that bundles publish; empty takes the last certificate of <see cref="UpstreamCertificateFile"/>.</summary>
    public string UpstreamBundleFile { get; set; } = "";

    /// <summary>Path of the operator's socket; empty serves none.</summary>
    public string OperatorSocket { get; set; } = "";

    /// <summary>OpenID discovery.</summary>
    public OidcOptions Oidc { get; set; } = new();

    /// <summary>The gateway's token exchange.</summary>
    public ExchangeOptions Exchange { get; set; } = new();

    /// <summary>The upstream CA, if one is given.</summary>
    internal UpstreamAuthorityOptions? Upstream => UpstreamCertificateFile.Length == 0 ? null : new()
    {
        CertificateFile = UpstreamCertificateFile,
        KeyFile = UpstreamKeyFile,
        BundleFile = UpstreamBundleFile.Length > 0 ? UpstreamBundleFile : null,
    };

    /// <inheritdoc />
    public IEnumerable<string> Faults()
    {
        if (UpstreamCertificateFile.Length > 0 != UpstreamKeyFile.Length > 0)
        {
            yield return $"{Section}:{nameof(UpstreamKeyFile)} is '{UpstreamKeyFile}' and {nameof(UpstreamCertificateFile)} '{UpstreamCertificateFile}'; give both or neither";
        }

        if (BundleEndpointCertificateFile.Length > 0 != BundleEndpointKeyFile.Length > 0)
        {
            yield return $"{Section}:{nameof(BundleEndpointKeyFile)} is '{BundleEndpointKeyFile}' and {nameof(BundleEndpointCertificateFile)} '{BundleEndpointCertificateFile}'; give both or neither";
        }

        if (!SpiffeIdentity.TrustDomain.TryParse(TrustDomain, out _))
        {
            yield return $"{Section}:{nameof(TrustDomain)} is '{TrustDomain}'; name it with a-z 0-9 . - _, for example castellan.local";
        }

        if (DataDirectory.Length == 0)
        {
            yield return $"{Section}:{nameof(DataDirectory)} is empty; name a directory that outlives this process";
        }

        foreach (var (key, value) in new[] { (nameof(BundleEndpoint), BundleEndpoint), (nameof(PodApi), PodApi), (nameof(Probes), Probes) })
        {
            if (value.Length > 0 && !IPEndPoint.TryParse(value, out _))
            {
                yield return $"{Section}:{key} is '{value}'; write IP:port";
            }
        }

        if (EndpointIdPath.Length < 2 || SpiffeIdentity.TrustDomain.TryParse(TrustDomain, out _) && !SpiffeId.TryParse($"spiffe://{TrustDomain}{EndpointIdPath}", out _))
        {
            yield return $"{Section}:{nameof(EndpointIdPath)} is '{EndpointIdPath}'; write the path of a SPIFFE ID, for example /ns/castellan-system/sa/spiffe-server";
        }

        if (PodTokenAudience.Length == 0)
        {
            yield return $"{Section}:{nameof(PodTokenAudience)} is empty; name the audience of the pods' tokens, for example {TrustConfig.TokenAudience}";
        }

        if (X509SvidTtlSeconds is < 60 or > 86_400)
        {
            yield return $"{Section}:{nameof(X509SvidTtlSeconds)} is {X509SvidTtlSeconds}; set 60 to 86400";
        }

        foreach (var fault in Oidc.Faults().Concat(Exchange.Faults()))
        {
            yield return fault;
        }
    }
}
