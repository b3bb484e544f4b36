using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.KubeApi.Json;

namespace Castellan.KubeApi;

/// <summary>How Kubernetes objects are written as JSON: camelCase names, absent instead of null, enums as their names.</summary>
public static class KubeJson
{
    /// <summary>The options for every Kubernetes object, read and written.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>A deep copy, for a change that must not touch the original (an informer's, for example).</summary>
    public static T Copy<T>(T value) where T : class =>
        JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(value, Options), Options)!;

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.Strict,
            PropertyNameCaseInsensitive = false,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new KubeTimeConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
