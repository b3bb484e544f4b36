using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Replay;

/// <summary>One turn of an instance as a worker gets it.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="ExecutionId">Changes with continue-as-new; empty when the sidecar does not say.</param>
/// <param name="Past">Committed history, without the first <see cref="Omitted"/> events.</param>
/// <param name="New">What happened since; becomes history with the answer.</param>
/// <param name="Token">Echoed with the answer.</param>
internal sealed record Turn(string InstanceId, string ExecutionId, IReadOnlyList<HistoryEvent> Past, IReadOnlyList<HistoryEvent> New, string Token)
{
    /// <summary>Committed events that the worker has seen before and was not sent again.</summary>
    public int Omitted { get; init; }

    /// <summary>The Dapr app it belongs to; empty when the sidecar does not say.</summary>
    public string AppId { get; init; } = "";

    /// <summary>Length of <see cref="Past"/> on the wire; known to the sidecar only.</summary>
    public long PastBytes { get; init; }

    /// <summary>Reads the whole committed history, for a worker that has not kept what was omitted.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<HistoryEvent>>>? FetchPast { get; init; }

    /// <summary>Committed events, sent or not.</summary>
    public int PastCount => Omitted + Past.Count;
}
