using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Replay;

/// <summary>One turn of an instance as a worker gets it.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="ExecutionId">Changes with continue-as-new; empty when the sidecar does not say.</param>
/// <param name="Past">Committed history.</param>
/// <param name="New">What happened since; becomes history with the answer.</param>
/// <param name="Token">Echoed with the answer.</param>
internal sealed record Turn(string InstanceId, string ExecutionId, IReadOnlyList<HistoryEvent> Past, IReadOnlyList<HistoryEvent> New, string Token);
