using Castellan.Rpc;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>Checks what a worker answers before anything is done with it: the worker is not trusted.</summary>
internal static class TurnAnswer
{
    // Seconds of 0001-01-01 and 9999-12-31: what the protocol's timestamps may say.
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

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
        { CreateTimer: { } timer } when timer.FireAt is not { Nanos: >= 0 and < 1_000_000_000, Seconds: >= FirstSecond and <= LastSecond } => "a timer without a valid time",
        { SendEvent: { Instance: null } } => "an event without receiver",
        { ScheduleTask: { Name: "" } } => "an activity without name",
        { CreateChildWorkflow: { Name: "" } } => "a child without name",
        { CompleteWorkflow: { } end } when end.WorkflowStatus is not (OrchestrationStatus.Completed or OrchestrationStatus.Failed
            or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled or OrchestrationStatus.ContinuedAsNew) => $"the end status {end.WorkflowStatus}",
        _ => null,
    };
}
