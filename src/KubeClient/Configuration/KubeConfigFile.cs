using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Castellan.KubeApi;

namespace Castellan.KubeClient.Configuration;

/// <summary>A kubeconfig as it is written (clientcmd v1 Config).</summary>
internal sealed class KubeConfigFile
{
    [System.Text.Json.Serialization.JsonPropertyName("current-context")]
    public string? CurrentContext { get; init; }

    public IList<NamedContext>? Contexts { get; init; }

    public IList<NamedCluster>? Clusters { get; init; }

    public IList<NamedUser>? Users { get; init; }

    public static string DefaultPath()
    {
        var listed = Environment.GetEnvironmentVariable("KUBECONFIG")?.Split(':', StringSplitOptions.RemoveEmptyEntries);
        return listed?.FirstOrDefault(File.Exists) ?? listed?.FirstOrDefault()
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
    }

    public static KubeConfigFile Read(string yaml, string source)
    {
        try
        {
            return KubeYaml.Parse(yaml).FirstOrDefault()?.Deserialize<KubeConfigFile>(KubeJson.Options)
                ?? throw new KubeConfigException($"{source} is empty", "write a kubeconfig to it");
        }
        catch (Exception e) when (e is JsonException or KubeYamlException)
        {
            throw new KubeConfigException($"{source} is not a kubeconfig: {e.Message}", "correct it", e);
        }
    }

    public KubeConfig Resolve(string? contextName, string folder, string source)
    {
        var name = contextName ?? CurrentContext ?? throw new KubeConfigException(
            $"{source} has no current-context", "run 'kubectl config use-context NAME' or name a context");
        var context = Contexts?.FirstOrDefault(c => c.Name == name)?.Context ?? throw new KubeConfigException(
            $"{source} has no context '{name}'", $"use one of: {string.Join(", ", (Contexts ?? []).Select(c => c.Name))}");
        var cluster = Clusters?.FirstOrDefault(c => c.Name == context.Cluster)?.Cluster ?? throw new KubeConfigException(
            $"context '{name}' of {source} names cluster '{context.Cluster}', which is not there", "correct the context");
        var user = Users?.FirstOrDefault(u => u.Name == context.User)?.User;
        if (user is null && !string.IsNullOrEmpty(context.User))
            throw new KubeConfigException($"context '{name}' of {source} names user '{context.User}', who is not there", "correct the context");
        if (!Uri.TryCreate(cluster.Server, UriKind.Absolute, out var server))
            throw new KubeConfigException($"cluster '{context.Cluster}' of {source} has server '{cluster.Server}'", "write https://HOST:PORT");
        try
        {
            return Combine(cluster, user ?? new User(), server, folder) with
            {
                Namespace = string.IsNullOrEmpty(context.Namespace) ? "default" : context.Namespace,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            throw new KubeConfigException($"a credential of context '{name}' of {source} cannot be used: {e.Message}", "correct it", e);
        }
    }

    private static KubeConfig Combine(Cluster cluster, User user, Uri server, string folder)
    {
        var certificate = Bytes(user.ClientCertificateData, user.ClientCertificate, folder);
        var key = Bytes(user.ClientKeyData, user.ClientKey, folder);
        return new KubeConfig
        {
            Server = server,
            CertificateAuthorities = Authorities(Bytes(cluster.CertificateAuthorityData, cluster.CertificateAuthority, folder)),
            SkipTlsVerification = cluster.InsecureSkipTlsVerify,
            TlsServerName = cluster.TlsServerName,
            ClientCertificate = certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key),
            Token = user.Token,
            TokenFile = user.TokenFile is { Length: > 0 } file ? Path.Combine(folder, file) : null,
            Exec = user.Exec is { } exec ? new ExecCredentialCommand(exec.Command, [.. exec.Args ?? []],
                (exec.Env ?? []).ToDictionary(e => e.Name, e => e.Value), exec.ApiVersion ?? "client.authentication.k8s.io/v1") : null,
            Impersonation = user.As is { Length: > 0 } whom ? new Impersonation(whom, [.. user.AsGroups ?? []]) : null,
        };
    }

    private static X509Certificate2Collection? Authorities(string? pem)
    {
        if (pem is null) return null;
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem);
        return all;
    }

    private static string? Bytes(string? data, string? path, string folder) =>
        !string.IsNullOrEmpty(data) ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : !string.IsNullOrEmpty(path) ? File.ReadAllText(Path.Combine(folder, path))
        : null;
}
