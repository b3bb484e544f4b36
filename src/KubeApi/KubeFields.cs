using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.KubeApi;

/// <summary>A part of a Kubernetes object: fields this build does not name are kept, so that a replace loses nothing.</summary>
public abstract class KubeFields
{
    /// <summary>Fields of the JSON object that have no property here, as they were read.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? More { get; set; }
}
