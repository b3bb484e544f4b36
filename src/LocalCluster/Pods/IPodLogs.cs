namespace Castellan.LocalCluster.Pods;

/// <summary>Reads the log of a container where the kubelet wrote it; the API server's <c>pods/log</c> asks it.</summary>
public interface IPodLogs
{
    /// <summary>The log's bytes, whole lines first to last; with <see cref="PodLogQuery.Follow"/> until the container ends.</summary>
    /// <param name="query">Which container of which pod, and how much of its log.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="PodLogUnavailableException">There is no such log; the message is shown to the caller.</exception>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(PodLogQuery query, CancellationToken ct);
}

/// <summary>One request for a container's log.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">The pod's name.</param>
/// <param name="PodUid">The pod's uid, so that a new pod of the same name is not mistaken for it.</param>
/// <param name="Container">The container's name; the API server has checked that the pod has it.</param>
public sealed record PodLogQuery(string Namespace, string Pod, string PodUid, string Container)
{
    /// <summary>The log of the incarnation before the current one.</summary>
    public bool Previous { get; init; }

    /// <summary>Keep reading until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Begin each line with the time it was written (RFC 3339, UTC).</summary>
    public bool Timestamps { get; init; }

    /// <summary>Only the last so many lines; all when absent.</summary>
    public long? TailLines { get; init; }

    /// <summary>Only lines written at or after this moment (UTC); all when absent.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Stop after so many bytes; no bound when absent.</summary>
    public long? LimitBytes { get; init; }
}

/// <summary>The kubelet has no such log.</summary>
/// <param name="message">Why, for the caller of <c>kubectl logs</c>.</param>
public sealed class PodLogUnavailableException(string message) : Exception(message);
