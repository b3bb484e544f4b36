namespace Castellan.LocalCluster.Pods;

/// <summary>Stands in for the kubelet's logs until the kubelet, which needs the API server first, is there.</summary>
internal sealed class DeferredPodLogs : IPodLogs
{
    /// <summary>The kubelet's logs, once it runs.</summary>
    public IPodLogs? Target { get; set; }

    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(PodLogQuery query, CancellationToken ct) =>
        (Target ?? throw new PodLogUnavailableException("the cluster has no kubelet; its pods do not run")).ReadAsync(query, ct);
}
