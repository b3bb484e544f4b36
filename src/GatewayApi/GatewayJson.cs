using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace Castellan.GatewayApi;

/// <summary>How the gateway's contracts are written as JSON: camelCase, enums as their names, absent instead of null.</summary>
public static class GatewayJson
{
    /// <summary>
    /// The options for every message of the gateway's API. They extend <see cref="AIJsonUtilities.DefaultOptions"/>, so that chat
    /// messages and their contents keep the shape that Microsoft.Extensions.AI gives them.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            WriteIndented = false,
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
