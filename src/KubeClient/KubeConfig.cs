using System.Security.Cryptography.X509Certificates;
using Castellan.KubeClient.Configuration;

namespace Castellan.KubeClient;

/// <summary>Where an API server is and who we are to it.</summary>
/// <remarks>Source: Kubernetes, "Organizing Cluster Access Using kubeconfig Files". <see cref="ToString"/> shows no credential.</remarks>
public sealed record KubeConfig
{
    /// <summary>Variable that HostProcess containers (and process pods) carry: the folder under which their volumes appear.</summary>
    public const string SandboxMountPointVariable = "CONTAINER_SANDBOX_MOUNT_POINT";

    /// <summary>Where a pod finds its API token, its CA and its namespace.</summary>
    public const string ServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Base address of the API server, for example <c>https://127.0.0.1:6443</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>Authorities that may have signed the server's certificate; null trusts the system's.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>True accepts any server certificate. Only for tests against throw-away servers.</summary>
    public bool SkipTlsVerification { get; init; }

    /// <summary>Name the server's certificate must carry, when it differs from the host in <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Client certificate with its private key.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>File with the bearer token; read again each minute because tokens in pods are renewed. Wins over <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Command that prints credentials, for cloud clusters.</summary>
    public ExecCredentialCommand? Exec { get; init; }

    /// <summary>Whom to act as; null for ourselves.</summary>
    public Impersonation? Impersonation { get; init; }

    /// <summary>The namespace meant when none is named.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Longest wait for an answer that is not a stream; 30 seconds by default.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pod's own service account if we run in one, otherwise the kubeconfig file.</summary>
    /// <exception cref="KubeConfigException">There is neither, or the file is wrong.</exception>
    public static KubeConfig Default(string? context = null) =>
        context is null && InClusterFolder.TryLoad() is { } inCluster ? inCluster : Load(null, context);

    /// <summary>The service account of the pod we run in.</summary>
    /// <exception cref="KubeConfigException">We do not run in a pod, or it has no API token.</exception>
    public static KubeConfig InCluster() => InClusterFolder.TryLoad() ?? throw new KubeConfigException(
        "this process does not run in a pod with an API token (KUBERNETES_SERVICE_HOST or the token file is missing)",
        "set automountServiceAccountToken: true, or name a kubeconfig");

    /// <summary>A context of a kubeconfig file.</summary>
    /// <param name="path">The file; null takes the first of <c>$KUBECONFIG</c>, or <c>~/.kube/config</c>.</param>
    /// <param name="context">The context; null takes the current one.</param>
    /// <exception cref="KubeConfigException">The file, the context or a credential is missing or wrong.</exception>
    public static KubeConfig Load(string? path = null, string? context = null)
    {
        var file = path ?? KubeConfigFile.DefaultPath();
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"cannot read the kubeconfig {file}: {e.Message}", "set KUBECONFIG to a file that exists", e);
        }
        return Parse(text, Path.GetDirectoryName(Path.GetFullPath(file))!, context, file);
    }

    /// <summary>A context of a kubeconfig.</summary>
    /// <param name="yaml">The kubeconfig.</param>
    /// <param name="folder">Folder that relative paths in it start from.</param>
    /// <param name="context">The context; null takes the current one.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <exception cref="KubeConfigException">The context or a credential is missing or wrong.</exception>
    public static KubeConfig Parse(string yaml, string folder, string? context = null, string source = "kubeconfig") =>
        KubeConfigFile.Read(yaml, source).Resolve(context, folder, source);

    /// <summary>Server and kind of credential; never the credential itself.</summary>
    public override string ToString() => $"{Server} ({CredentialKind()})";

    private string CredentialKind() => this switch
    {
        { TokenFile: { } file } => $"token from {file}",
        { Token: not null } => "token",
        { ClientCertificate: { } certificate } => $"certificate of {certificate.Subject}",
        { Exec: { } exec } => $"credentials from {exec.Command}",
        _ => "anonymous",
    };
}

/// <summary>Whom to act as.</summary>
/// <param name="User">User name, for example <c>system:serviceaccount:default:agent-triage</c>.</param>
/// <param name="Groups">Groups; for a user with none the server adds only <c>system:authenticated</c>.</param>
public sealed record Impersonation(string User, IReadOnlyList<string> Groups);

/// <summary>A command that prints an ExecCredential.</summary>
/// <param name="Command">The program.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Env">Variables to add.</param>
/// <param name="ApiVersion">Version of ExecCredential it speaks.</param>
public sealed record ExecCredentialCommand(string Command, IReadOnlyList<string> Args, IReadOnlyDictionary<string, string> Env, string ApiVersion);

/// <summary>There is no usable configuration of an API server.</summary>
public sealed class KubeConfigException(string problem, string remedy, Exception? inner = null) : Exception($"{problem}; {remedy}", inner);
