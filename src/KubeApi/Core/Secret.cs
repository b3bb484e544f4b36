namespace Castellan.KubeApi.Core;

/// <summary>Settings that are secret. Never log one.</summary>
[KubeResource("", "v1", "Secret", "secrets")]
public sealed class Secret : KubeObject
{
    /// <summary><c>Opaque</c> by default.</summary>
    public string? Type { get; set; }

    /// <summary>Bytes by key.</summary>
    public IDictionary<string, byte[]>? Data { get; set; }

    /// <summary>Texts by key; written only, the server moves them to <see cref="Data"/>.</summary>
    public IDictionary<string, string>? StringData { get; set; }

    /// <summary>True forbids changes.</summary>
    public bool? Immutable { get; set; }
}
