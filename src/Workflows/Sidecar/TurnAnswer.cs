using Castellan.Rpc;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>Checks what a worker answers before anything is done with it: the worker is not trusted.</summary>
internal static class TurnAnswer
{
    /// <exception cref="RpcException">InvalidArgument: the answer breaks the protocol.</exception>
    public static void Check(WorkflowResponse response)
    {
        var ids = new HashSet<int>();
        foreach (var action in response.Actions)
        {
            if (Fault(action) is { } fault || (!ids.Add(action.Id) && (fault = $"number {action.Id} twice") is not null))
            {
                throw new RpcException(StatusCode.InvalidArgument, $"the answer to a turn of '{response.InstanceId}' has {fault}; check the worker's version");
            }
        }
    }

    private static string? Fault(WorkflowAction action) => action switch
    {
        { ActionTypeCase: WorkflowAction.ActionTypeOneofCase.None } => "an action of an unknown kind",
        { CreateTimer: { } timer } when !ProtocolTime.IsValid(timer.FireAt) => "a timer without a valid time",
        { SendEvent: { Instance: null } } => "an event without receiver",
        { ScheduleTask: { Name: "" } } => "an activity without name",
        { CreateChildWorkflow: { Name: "" } } => "a child without name",
        { CompleteWorkflow: { } end } when end.WorkflowStatus is not (OrchestrationStatus.Completed or OrchestrationStatus.Failed
            or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled or OrchestrationStatus.ContinuedAsNew) => $"the end status {end.WorkflowStatus}",
        _ => null,
    };
}
