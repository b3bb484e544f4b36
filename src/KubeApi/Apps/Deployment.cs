namespace Castellan.KubeApi.Apps;

/// <summary>Keeps pods of one template running and rolls out its changes.</summary>
[KubeResource("apps", "v1", "Deployment", "deployments")]
public sealed class Deployment : KubeObject
{
    /// <summary>What shall run.</summary>
    public DeploymentSpec Spec { get; set; } = new();

    /// <summary>What was observed.</summary>
    public DeploymentStatus? Status { get; set; }
}

/// <summary>What a Deployment keeps running.</summary>
public sealed class DeploymentSpec : KubeFields
{
    /// <summary>How many pods; 1 by default.</summary>
    public int? Replicas { get; set; }

    /// <summary>The pods that belong to it; cannot be changed.</summary>
    public LabelSelector Selector { get; set; } = new();

    /// <summary>What they look like.</summary>
    public Core.PodTemplateSpec Template { get; set; } = new();

    /// <summary>How a change is rolled out.</summary>
    public DeploymentStrategy? Strategy { get; set; }

    /// <summary>Seconds a pod must be ready to count as available.</summary>
    public int? MinReadySeconds { get; set; }

    /// <summary>How many old ReplicaSets are kept; 10 by default.</summary>
    public int? RevisionHistoryLimit { get; set; }

    /// <summary>True rolls out nothing.</summary>
    public bool? Paused { get; set; }

    /// <summary>Seconds without progress after which it counts as failed; 600 by default.</summary>
    public int? ProgressDeadlineSeconds { get; set; }
}

/// <summary>How a change is rolled out.</summary>
public sealed class DeploymentStrategy : KubeFields
{
    /// <summary><c>RollingUpdate</c> (default) or <c>Recreate</c>.</summary>
    public string? Type { get; set; }

    /// <summary>Bounds of a rolling update.</summary>
    public RollingUpdate? RollingUpdate { get; set; }
}

/// <summary>Bounds of a rolling update.</summary>
public sealed class RollingUpdate : KubeFields
{
    /// <summary>How many pods may be missing; 25% by default, rounded down.</summary>
    public IntOrString? MaxUnavailable { get; set; }

    /// <summary>How many pods may be too many; 25% by default, rounded up.</summary>
    public IntOrString? MaxSurge { get; set; }
}

/// <summary>What was observed of a Deployment.</summary>
public sealed class DeploymentStatus : KubeFields
{
    /// <summary>Generation of the spec that this was observed for.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary>How many pods exist.</summary>
    public int? Replicas { get; set; }

    /// <summary>How many have the current template.</summary>
    public int? UpdatedReplicas { get; set; }

    /// <summary>How many are ready.</summary>
    public int? ReadyReplicas { get; set; }

    /// <summary>How many have been ready long enough.</summary>
    public int? AvailableReplicas { get; set; }

    /// <summary>How many are missing.</summary>
    public int? UnavailableReplicas { get; set; }

    /// <summary>How many are ending.</summary>
    public int? TerminatingReplicas { get; set; }

    /// <summary>Counts clashes of ReplicaSet names.</summary>
    public int? CollisionCount { get; set; }

    /// <summary><c>Available</c> and <c>Progressing</c>.</summary>
    public IList<DeploymentCondition>? Conditions { get; set; }
}

/// <summary>One observed fact about a Deployment.</summary>
public sealed class DeploymentCondition : KubeFields
{
    /// <summary>The fact.</summary>
    public string Type { get; set; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; set; } = "";

    /// <summary>When it was last written.</summary>
    public DateTime? LastUpdateTime { get; set; }

    /// <summary>When <see cref="Status"/> last changed.</summary>
    public DateTime? LastTransitionTime { get; set; }

    /// <summary>One word.</summary>
    public string? Reason { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }
}
