using System.Text.Json;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Storage;

/// <summary>How the gateway's rows hold their bodies.</summary>
internal static class Json
{
    internal static string Write<T>(T value) => JsonSerializer.Serialize(value, GatewayJson.Options);

    /// <exception cref="JsonException">The text is not what this version writes.</exception>
    internal static T Read<T>(string text) =>
        JsonSerializer.Deserialize<T>(text, GatewayJson.Options) ?? throw new JsonException($"a stored {typeof(T).Name} is null");
}
