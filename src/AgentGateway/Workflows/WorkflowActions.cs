using Castellan.GatewayApi;
using Castellan.Workflows;
using Castellan.Workflows.Client;

namespace Castellan.AgentGateway.Workflows;

/// <summary>Does to an orchestration what somebody who looks after it asks for; the same through the gateway and at a sidecar.</summary>
public static class WorkflowActions
{
    /// <exception cref="FormatException">The action lacks what its verb needs.</exception>
    /// <exception cref="Rpc.RpcException">The hub refused.</exception>
    public static async Task<WorkflowActionResult> ApplyAsync(DaprWorkflowClient client, string instanceId, WorkflowVerb verb, WorkflowAction action, CancellationToken ct)
    {
        switch (verb)
        {
            case WorkflowVerb.Terminate:
                await client.TerminateWorkflowAsync(instanceId, action.Reason, ct);
                break;
            case WorkflowVerb.Suspend:
                await client.SuspendWorkflowAsync(instanceId, action.Reason, ct);
                break;
            case WorkflowVerb.Resume:
                await client.ResumeWorkflowAsync(instanceId, action.Reason, ct);
                break;
            case WorkflowVerb.Raise:
                await client.RaiseEventAsync(instanceId, action.Reason is { Length: > 0 } name ? name : throw new FormatException("the event has no name; give one"), action.Payload, ct);
                break;
            case WorkflowVerb.Rerun:
                var step = action.Step ?? throw new FormatException("no step is named; give the number of an activity, timer or child of the history");
                return new(InstanceId: await client.RerunWorkflowFromEventAsync(instanceId, step, new RerunWorkflowFromEventOptions { NewInstanceId = action.NewInstanceId }, ct));
            default:
                throw new FormatException($"'{verb}' is nothing that can be done to a workflow");
        }
        return new();
    }
}
