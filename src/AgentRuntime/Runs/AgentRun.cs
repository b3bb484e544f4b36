using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.GatewayApi;
using Castellan.Workflows;
using Microsoft.Extensions.AI;

namespace Castellan.AgentRuntime.Runs;

/// <summary>
/// One run of the agent: model turns and tool calls until the model answers. Every call is made by the gateway, which decides, asks for
/// approval and records; this code only orders them.
/// </summary>
/// <remarks>
/// Replayed from history: it decides from its input and from results alone. Sequence numbers are given in program order, before anything
/// runs in parallel, so a replay gives every call the same identity.
/// </remarks>
internal sealed class AgentRun : Workflow<RunInput, RunOutput>
{
    public override async Task<RunOutput> RunAsync(WorkflowContext context, RunInput input)
    {
        var run = new RunLoop(context, input);
        using var answered = new CancellationTokenSource();
        var deadline = context.CreateTimer(run.Deadline, answered.Token);
        var loop = run.RunAsync();
        if (await Task.WhenAny(loop, deadline) == deadline)
            return new(null, $"the run lasted longer than {input.Limits.TimeoutSeconds} s; raise spec.limits.timeoutSeconds of agent {input.Agent}, or ask for less", run.Turns);
        answered.Cancel(); // not CancelAsync: an orchestration waits for nothing but its context
        return await loop;
    }

    /// <summary>State of one execution.</summary>
    private sealed class RunLoop(WorkflowContext context, RunInput input)
    {
        private readonly List<ChatMessage> _messages =
            [new(ChatRole.System, input.Instructions), .. input.History, new(ChatRole.User, input.Message)];

        private readonly HashSet<string> _tools = input.Tools.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        private long _sequence;

        public DateTime Deadline { get; } = context.CurrentUtcDateTime.AddSeconds(input.Limits.TimeoutSeconds);

        public int Turns { get; private set; }

        public async Task<RunOutput> RunAsync()
        {
            try
            {
                while (Turns < input.Limits.MaxTurns)
                {
                    Turns++;
                    var turn = await CallAsync(CallActivity.Model, new() { Sequence = ++_sequence, Kind = CallKind.Model, Model = new([.. _messages], [.. input.Tools]) });
                    if (turn is not { State: CallState.Completed, Response: { } response }) return new(null, $"the model call ended as {turn.State}: {turn.Message}", Turns);
                    _messages.AddRange(response.Messages);
                    var calls = response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToList();
                    if (calls.Count == 0) return Answer(response);
                    await CallToolsAsync(calls);
                }
            }
            catch (WorkflowTaskFailedException e)
            {
                return new(null, e.FailureDetails.ErrorMessage, Turns);
            }
            return new(null, $"the run took {Turns} model turns without an answer; raise spec.limits.maxTurns of agent {input.Agent}, or ask for less", Turns);
        }

        private RunOutput Answer(ChatResponse response) => response.Text is { Length: > 0 } text
            ? new(text, null, Turns)
            : new(null, "the model answered nothing; ask again or use another model", Turns);

        private async Task CallToolsAsync(List<FunctionCallContent> calls)
        {
            var numbered = calls.Select(call => (Call: call, Sequence: _tools.Contains(call.Name) ? ++_sequence : 0)).ToList();
            var results = await context.ProcessInParallelAsync(numbered, n => CallToolAsync(n.Call, n.Sequence), input.Limits.MaxParallelCalls);
            _messages.Add(new(ChatRole.Tool, [.. results]));
        }

        private async Task<AIContent> CallToolAsync(FunctionCallContent call, long sequence)
        {
            if (sequence == 0)
            {
                var offered = _tools.Count == 0 ? "this agent has no tools" : $"there are {string.Join(", ", _tools.Order(StringComparer.Ordinal))}";
                return ToolMessage.Failed(call, $"There is no tool '{call.Name}'; {offered}.");
            }
            var arguments = JsonSerializer.SerializeToNode(call.Arguments, GatewayJson.Options) as JsonObject;
            var result = await CallAsync(CallActivity.Tool, new() { Sequence = sequence, Kind = CallKind.Tool, Tool = new(call.Name, arguments) });
            return ToolMessage.Of(call, result);
        }

        private async Task<CallResult> CallAsync(string activity, CallRequest request)
        {
            var result = await context.CallActivityAsync<CallResult>(activity, new CallInput(input.RunId, Deadline, request));
            // Whoever approves may take days: the wait costs nothing, and the deadline of the run ends it.
            return result.State == CallState.AwaitingApproval
                ? await context.WaitForExternalEventAsync<CallResult>(CallResult.EventPrefix + result.CallId)
                : result;
        }
    }
}
