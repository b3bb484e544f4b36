using Castellan.AgentApi;
using Castellan.Cli.Resources;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.Cli.Local;

/// <summary>Brings the key of <c>up --model openai:NAME</c> from the environment into a Secret that the gateway alone reads.</summary>
internal static class ModelKey
{
    public static async Task EnsureAsync(KubeConnection admin, ModelOverride? model, CancellationToken ct)
    {
        if (model is not { NeedsKey: true })
        {
            return;
        }
        var key = Environment.GetEnvironmentVariable(ModelOverride.KeyVariable)!.Trim();
        var secret = new Secret { Data = new Dictionary<string, byte[]> { [ModelOverride.KeyName] = System.Text.Encoding.UTF8.GetBytes(key) } };
        (secret.Metadata.Name, secret.Metadata.Namespace) = (ModelOverride.KeySecret, ModelOverride.KeyNamespace);
        await admin.ApplyAsync(secret, ApiGroup.FieldManager, force: true, ct: ct);
    }
}
