namespace Castellan.KubeApi.Core;

/// <summary>Settings that are not secret.</summary>
[KubeResource("", "v1", "ConfigMap", "configmaps")]
public sealed class ConfigMap : KubeObject
{
    /// <summary>Texts by key.</summary>
    public IDictionary<string, string>? Data { get; set; }

    /// <summary>Bytes by key.</summary>
    public IDictionary<string, byte[]>? BinaryData { get; set; }

    /// <summary>True forbids changes.</summary>
    public bool? Immutable { get; set; }
}
