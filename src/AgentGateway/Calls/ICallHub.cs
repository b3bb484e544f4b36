using Castellan.Storage;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// Where call orchestrations live: in the embedded sidecar, whose history shares the gateway's store, or in daprd, whose does not. The
/// calls' rows, claims and audit records stand in the gateway's own store either way.
/// </summary>
internal interface ICallHub
{
    /// <summary>
    /// True where what is enlisted and the step it belongs to are one commit. Then a call may be claimed together with its start. Otherwise
    /// it is claimed where the effect begins: between the two a crash may lie, and nothing must look begun that was not.
    /// </summary>
    bool SharesStore { get; }

    /// <summary>Starts a call; <paramref name="enlist"/> is durable when this returns, and the start follows from it, whatever crashes.</summary>
    /// <exception cref="CallExistsException">There is an instance of this id.</exception>
    /// <exception cref="StoreConflictException">There is a row of this id.</exception>
    Task StartAsync(CallInput input, Action<IUnitOfWork> enlist, CancellationToken ct);

    /// <summary>Waits until a call has ended.</summary>
    Task WaitAsync(string callId, CancellationToken ct);

    /// <summary>Tells a waiting call that somebody decided; <paramref name="enlist"/> is durable when this returns.</summary>
    Task RaiseDecisionAsync(string callId, Action<IUnitOfWork>? enlist, CancellationToken ct);

    /// <summary>Takes up what a crash left between the gateway's store and the history.</summary>
    Task RecoverAsync(CancellationToken ct);
}
