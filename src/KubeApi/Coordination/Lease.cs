using System.Text.Json.Serialization;
using Castellan.KubeApi.Json;

namespace Castellan.KubeApi.Coordination;

/// <summary>Says who leads, and since when.</summary>
[KubeResource("coordination.k8s.io", "v1", "Lease", "leases")]
public sealed class Lease : KubeObject
{
    /// <summary>Holder and times.</summary>
    public LeaseSpec Spec { get; set; } = new();
}

/// <summary>Holder and times.</summary>
public sealed class LeaseSpec : KubeFields
{
    /// <summary>Who leads; empty for nobody.</summary>
    public string? HolderIdentity { get; set; }

    /// <summary>Seconds after <see cref="RenewTime"/> after which others may take it.</summary>
    public int? LeaseDurationSeconds { get; set; }

    /// <summary>When the holder took it.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? AcquireTime { get; set; }

    /// <summary>When the holder last renewed it.</summary>
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTime? RenewTime { get; set; }

    /// <summary>How often it changed hands.</summary>
    public int? LeaseTransitions { get; set; }
}
