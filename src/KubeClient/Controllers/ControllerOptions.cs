using Castellan.KubeClient.WorkQueue;

namespace Castellan.KubeClient.Controllers;

/// <summary>How a <see cref="ControllerLoop{T}"/> works.</summary>
public sealed record ControllerOptions
{
    /// <summary>How many keys are worked on at once; 2 by default.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>How long a failed key waits; 5 ms doubling to 5 minutes by default.</summary>
    public Backoff? Backoff { get; init; }
}
