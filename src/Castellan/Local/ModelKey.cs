using Castellan.AgentApi;
using Castellan.Cli.Resources;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.Cli.Local;

/// <summary>Brings the key of <c>up --model openai:NAME</c> from the environment into a Secret that the gateway alone reads.</summary>
internal static class ModelKey
{
    public static async Task EnsureAsync(KubeConnection admin, string? model, CancellationToken ct)
    {
        if (model is null || !model.StartsWith("openai:", StringComparison.Ordinal))
        {
            return;
        }
        var key = Environment.GetEnvironmentVariable(ModelOverride.KeyVariable)!;
        var secret = new Secret { Data = new Dictionary<string, byte[]> { [ModelOverride.KeyName] = System.Text.Encoding.UTF8.GetBytes(key) } };
        (secret.Metadata.Name, secret.Metadata.Namespace) = (ModelOverride.KeySecret, "default");
        await admin.ApplyAsync(secret, ApiGroup.FieldManager, force: true, ct: ct);
    }
}
