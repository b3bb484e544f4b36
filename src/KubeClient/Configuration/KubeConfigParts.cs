using System.Text.Json.Serialization;

namespace Castellan.KubeClient.Configuration;

internal sealed record NamedContext(string Name, Context Context);

internal sealed record Context(string Cluster, string? User, string? Namespace);

internal sealed record NamedCluster(string Name, Cluster Cluster);

internal sealed class Cluster
{
    public string Server { get; init; } = "";

    [JsonPropertyName("certificate-authority")]
    public string? CertificateAuthority { get; init; }

    [JsonPropertyName("certificate-authority-data")]
    public string? CertificateAuthorityData { get; init; }

    [JsonPropertyName("insecure-skip-tls-verify")]
    public bool InsecureSkipTlsVerify { get; init; }

    [JsonPropertyName("tls-server-name")]
    public string? TlsServerName { get; init; }
}

internal sealed record NamedUser(string Name, User User);

internal sealed class User
{
    [JsonPropertyName("client-certificate")]
    public string? ClientCertificate { get; init; }

    [JsonPropertyName("client-certificate-data")]
    public string? ClientCertificateData { get; init; }

    [JsonPropertyName("client-key")]
    public string? ClientKey { get; init; }

    [JsonPropertyName("client-key-data")]
    public string? ClientKeyData { get; init; }

    public string? Token { get; init; }

    public string? TokenFile { get; init; }

    [JsonPropertyName("as")]
    public string? As { get; init; }

    [JsonPropertyName("as-groups")]
    public IList<string>? AsGroups { get; init; }

    public ExecPlugin? Exec { get; init; }
}

internal sealed record ExecPlugin(string Command, string? ApiVersion, IList<string>? Args, IList<ExecVariable>? Env);

internal sealed record ExecVariable(string Name, string Value);
