namespace Castellan.KubeApi.Core;

/// <summary>Which system calls are allowed.</summary>
public sealed class SeccompProfile : KubeFields
{
    /// <summary><c>RuntimeDefault</c>, <c>Localhost</c> or <c>Unconfined</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>File under the kubelet's profile folder, for <c>Localhost</c>.</summary>
    public string? LocalhostProfile { get; set; }
}
