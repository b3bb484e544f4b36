using System.Text.Json;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Dapr;

/// <summary>What a daprd loads: here, the store of its workflows' histories. Only the fields that we write.</summary>
/// <remarks>Source: Dapr reference, resource specs, Component.</remarks>
[KubeResource("dapr.io", "v1alpha1", "Component", "components")]
internal sealed class DaprComponent : KubeObject
{
    public DaprComponentSpec Spec { get; set; } = new();

    /// <summary>The app ids whose daprd loads it.</summary>
    public IList<string> Scopes { get; set; } = [];
}

internal sealed class DaprComponentSpec : KubeFields
{
    public string Type { get; set; } = "";

    public string Version { get; set; } = "";

    public IList<DaprMetadataItem> Metadata { get; set; } = [];
}

/// <summary>One setting: a value, or a reference to a Secret of the component's namespace.</summary>
internal sealed class DaprMetadataItem : KubeFields
{
    public string Name { get; set; } = "";

    public JsonElement? Value { get; set; }

    public KeySelector? SecretKeyRef { get; set; }
}
