namespace Castellan.AgentApi.Workloads;

/// <summary>How pods come to know the SPIFFE server: what the server publishes and what the controller puts into pods. Nothing of it is secret.</summary>
public static class TrustConfig
{
    /// <summary>ConfigMap in <see cref="WorkloadNames.SystemNamespace"/> that the SPIFFE server keeps.</summary>
    public const string ConfigMap = "castellan-trust";

    /// <summary>Key of the trust bundle: a JWK Set.</summary>
    public const string BundleKey = "bundle.json";

    /// <summary>Key of the denied identities, one SPIFFE ID per line.</summary>
    public const string DeniedKey = "denied.txt";

    /// <summary>Audience of the tokens that pods show to the SPIFFE server.</summary>
    public const string TokenAudience = "castellan-spiffe-server";

    /// <summary>Folder in a pod that holds the token and the trust bundle.</summary>
    public const string Folder = "/var/run/castellan/identity";

    /// <summary>File name of the token in <see cref="Folder"/>.</summary>
    public const string TokenFile = "token";

    /// <summary>Service account, Deployment and Service of the SPIFFE server.</summary>
    public const string Server = "spiffe-server";
}
