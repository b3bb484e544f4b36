using Castellan.AgentApi.Workloads;
using Castellan.AgentGateway.Hosting;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Workflows;

/// <summary>On Dapr the runs of agents live in the sidecars of their pods, where the gateway sees their record and can ask for their end.</summary>
internal sealed class RemoteRuns(RunDirectory runs, IRunHubs hubs, GatewayOptions options)
{
    /// <summary>An open run that lives in its agent's pod; null for whatever else the id may name.</summary>
    internal async Task<RunRow?> FindAsync(string id, CancellationToken ct) =>
        options.Workflows.Backend == WorkflowBackend.Dapr && await runs.FindAsync(id, ct) is { Run.State: RunState.Running } run ? run : null;

    /// <exception cref="GatewayException">422: it is not the run's end that is asked for.</exception>
    internal async Task<WorkflowActionResult> ApplyAsync(RunRow run, WorkflowVerb verb, CancellationToken ct)
    {
        if (verb != WorkflowVerb.Terminate)
        {
            throw Refusals.Invalid(
                $"run '{run.Run.RunId}' lives in the sidecar of its agent's pod, and {verb} cannot be asked for from here", "forward the pod's port 50001 and name it with --endpoint, or terminate the run");
        }

        await hubs.TerminateAsync(run.Hub, run.Run.RunId, ct);
        return new();
    }
}
