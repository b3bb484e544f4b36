using System.Text.Json;
using Castellan.GatewayApi;
using Castellan.Workflows;

namespace Castellan.AgentGateway.Runs;

/// <summary>How a run's orchestration ended.</summary>
/// <param name="State">Succeeded, Failed or Terminated.</param>
/// <param name="Answer">The final answer, if it has one.</param>
/// <param name="Error">Why it has none.</param>
internal sealed record HubEnd(RunState State, string? Answer, string? Error)
{
    /// <summary>Reads what a sidecar says. The agent's pod wrote the output: a wrong shape is its failure, not the gateway's.</summary>
    internal static HubEnd Of(WorkflowRuntimeStatus status, JsonElement? output, string? failure) => status switch
    {
        WorkflowRuntimeStatus.Completed => Completed(output),
        WorkflowRuntimeStatus.Terminated or WorkflowRuntimeStatus.Canceled => new(RunState.Terminated, null, "the run was ended by an operator"),
        _ => new(RunState.Failed, null, failure ?? $"the run's orchestration is {status}"),
    };

    private static HubEnd Completed(JsonElement? output)
    {
        try
        {
            var read = output?.Deserialize<RunOutput>(GatewayJson.Options);
            return new(read?.Answer is null ? RunState.Failed : RunState.Succeeded, read?.Answer, read?.Error);
        }
        catch (JsonException e)
        {
            return new(RunState.Failed, null, $"the agent's answer cannot be read: {e.Message}");
        }
    }
}
