namespace Castellan.KubeApi.Apps;

/// <summary>Keeps a number of equal pods.</summary>
[KubeResource("apps", "v1", "ReplicaSet", "replicasets")]
public sealed class ReplicaSet : KubeObject
{
    /// <summary>What shall run.</summary>
    public ReplicaSetSpec Spec { get; set; } = new();

    /// <summary>What was observed.</summary>
    public ReplicaSetStatus? Status { get; set; }
}

/// <summary>What a ReplicaSet keeps running.</summary>
public sealed class ReplicaSetSpec : KubeFields
{
    /// <summary>How many pods; 1 by default.</summary>
    public int? Replicas { get; set; }

    /// <summary>Seconds a pod must be ready to count as available.</summary>
    public int? MinReadySeconds { get; set; }

    /// <summary>The pods that belong to it.</summary>
    public LabelSelector Selector { get; set; } = new();

    /// <summary>What they look like.</summary>
    public Core.PodTemplateSpec? Template { get; set; }
}

/// <summary>What was observed of a ReplicaSet.</summary>
public sealed class ReplicaSetStatus : KubeFields
{
    /// <summary>How many pods exist.</summary>
    public int Replicas { get; set; }

    /// <summary>How many carry all labels of the template.</summary>
    public int? FullyLabeledReplicas { get; set; }

    /// <summary>How many are ready.</summary>
    public int? ReadyReplicas { get; set; }

    /// <summary>How many have been ready long enough.</summary>
    public int? AvailableReplicas { get; set; }

    /// <summary>How many are ending.</summary>
    public int? TerminatingReplicas { get; set; }

    /// <summary>Generation of the spec that this was observed for.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary><c>ReplicaFailure</c>.</summary>
    public IList<ReplicaSetCondition>? Conditions { get; set; }
}

/// <summary>One observed fact about a ReplicaSet.</summary>
public sealed class ReplicaSetCondition : KubeFields
{
    /// <summary>The fact.</summary>
    public string Type { get; set; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string Status { get; set; } = "";

    /// <summary>When <see cref="Status"/> last changed.</summary>
    public DateTime? LastTransitionTime { get; set; }

    /// <summary>One word.</summary>
    public string? Reason { get; set; }

    /// <summary>For a human.</summary>
    public string? Message { get; set; }
}
