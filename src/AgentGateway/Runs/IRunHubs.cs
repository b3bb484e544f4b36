using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Runs;

/// <summary>The hubs of the agents, in which their runs live: in the embedded sidecar, or each in the daprd of its agent's pod. The agents' own workers do the work.</summary>
internal interface IRunHubs
{
    /// <summary>Starts a run; <paramref name="enlist"/> is durable when this returns, and the start follows from it, whatever crashes.</summary>
    Task StartAsync(string hub, RunInput input, Action<IUnitOfWork> enlist, CancellationToken ct);

    /// <summary>Tells a run that a call of it ended; one that has ended itself does not need it any more.</summary>
    Task RaiseAsync(string hub, string runId, CallResult result, CancellationToken ct);

    /// <summary>Waits for the end of a run.</summary>
    /// <returns>How it ended; null when that is on record already.</returns>
    Task<HubEnd?> WaitAsync(string hub, string runId, CancellationToken ct);

    /// <summary>Ends a run's orchestration.</summary>
    Task TerminateAsync(string hub, string runId, CancellationToken ct);
}
