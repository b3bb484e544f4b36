using System.ComponentModel.DataAnnotations;

namespace Castellan.KubeApi;

/// <summary>One observed fact about an object.</summary>
/// <remarks>Source: Kubernetes API conventions, "Typical status properties"; metav1.Condition.</remarks>
public sealed record Condition
{
    /// <summary>The fact, in CamelCase: for example <c>Ready</c>.</summary>
    [MaxLength(316)]
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [AllowedValues("True", "False", "Unknown")]
    public required string Status { get; init; }

    /// <summary>One CamelCase word to alert on.</summary>
    [MinLength(1), MaxLength(1024)]
    public required string Reason { get; init; }

    /// <summary>What it means and what to do next, for a human.</summary>
    [MaxLength(32768)]
    public string Message { get; init; } = "";

    /// <summary>The generation of the spec that this was observed for.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When <see cref="Status"/> last changed (UTC).</summary>
    public required DateTime LastTransitionTime { get; init; }
}
