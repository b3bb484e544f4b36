using System.Text.Json;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Runs;

/// <summary>The commands, with identities that say what they are: saying the same twice is one command.</summary>
internal static class RunCommands
{
    internal static RunCommand Start(RunInput input) => new() { Id = $"start:{input.RunId}", Kind = RunCommandKind.Start, RunId = input.RunId, Input = input };

    internal static RunCommand Raise(string runId, CallResult result) => new()
    {
        Id = $"raise:{runId}:{result.CallId}",
        Kind = RunCommandKind.Raise,
        RunId = runId,
        EventName = CallResult.EventPrefix + result.CallId,
        Payload = JsonSerializer.SerializeToElement(result, GatewayJson.Options),
    };

    internal static RunCommand Terminate(string runId) => new() { Id = $"terminate:{runId}", Kind = RunCommandKind.Terminate, RunId = runId };
}
