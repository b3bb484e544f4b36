using System.Security.Cryptography.X509Certificates;
using Castellan.AgentGateway.Identity;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.AgentGateway.Approvals;

/// <summary>The CAs whose client certificates the cluster accepts.</summary>
/// <remarks>Source: ConfigMap kube-system/extension-apiserver-authentication, which kube-apiserver publishes for servers that extend it.</remarks>
internal sealed class ClientAuthorities(KubeConnection kube)
{
    private const string Member = "client-ca-file";
    private static readonly NamespacedName Source = new("kube-system", "extension-apiserver-authentication");

    /// <exception cref="GatewayApi.GatewayException">503: they cannot be read, so no statement can be verified.</exception>
    internal async Task<X509Certificate2Collection> ReadAsync(CancellationToken ct)
    {
        try
        {
            var map = await kube.GetAsync<ConfigMap>(Source, ct);
            var found = new X509Certificate2Collection();
            if (map.Data?.TryGetValue(Member, out var pem) is true)
            {
                found.ImportFromPem(pem);
            }

            return found.Count > 0 ? found : throw Refusals.Unavailable($"ConfigMap {Source} has no {Member}", "start kube-apiserver with --client-ca-file");
        }
        catch (Exception e) when (e is KubeException or KubeUnreachableException)
        {
            throw Refusals.Unavailable($"the cluster's client CAs cannot be read: {e.Message}", "give the gateway read access to that ConfigMap, or try again", e);
        }
    }
}
