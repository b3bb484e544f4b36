using System.Text;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.AgentGateway.Egress;

/// <summary>Reads one key of one Secret, at every use: a rotated one is used at once, and none is held.</summary>
internal sealed class GatewaySecrets(KubeConnection kube)
{
    /// <summary>The value; null when the Secret or the key is missing. Never logged, never put into a message.</summary>
    internal async ValueTask<string?> ReadAsync(string ns, SecretKeyReference reference, CancellationToken ct)
    {
        var secret = await kube.FindAsync<Secret>(new NamespacedName(ns, reference.Name), ct);
        return secret?.Data?.TryGetValue(reference.Key, out var bytes) is true ? Encoding.UTF8.GetString(bytes) : null;
    }
}
