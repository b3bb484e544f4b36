using System.Text.Json;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Hosting;

/// <summary>Makes the framework's request bodies read as the gateway's contracts are written.</summary>
internal static class GatewayApiJson
{
    internal static void Apply(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Clear();
        foreach (var resolver in GatewayJson.Options.TypeInfoResolverChain)
        {
            options.TypeInfoResolverChain.Add(resolver);
        }

        foreach (var converter in GatewayJson.Options.Converters)
        {
            options.Converters.Add(converter);
        }

        options.PropertyNamingPolicy = GatewayJson.Options.PropertyNamingPolicy;
        options.DefaultIgnoreCondition = GatewayJson.Options.DefaultIgnoreCondition;
        options.AllowDuplicateProperties = false;
    }
}
