using System.Security.Cryptography.X509Certificates;

namespace Castellan.KubeClient.Configuration;

/// <summary>Reads what the kubelet mounts into a pod that may use the API.</summary>
internal static class InClusterFolder
{
    public static KubeConfig? TryLoad()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        // Process pods and HostProcess containers see their volumes under this prefix instead of at the root.
        var root = Environment.GetEnvironmentVariable(KubeConfig.SandboxMountPointVariable) ?? "";
        var folder = root.TrimEnd('/') + KubeConfig.ServiceAccountFolder;
        var token = Path.Combine(folder, "token");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(token)) return null;

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(folder, "ca.crt"));
        var ns = Path.Combine(folder, "namespace");
        return new KubeConfig
        {
            Server = new UriBuilder("https", host.Contains(':') ? $"[{host}]" : host, int.Parse(port)).Uri,
            CertificateAuthorities = authorities,
            TokenFile = token,
            Namespace = File.Exists(ns) ? File.ReadAllText(ns).Trim() : "default",
        };
    }
}
