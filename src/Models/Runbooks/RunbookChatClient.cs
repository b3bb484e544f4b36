using System.Runtime.CompilerServices;
using Castellan.Cel;
using Microsoft.Extensions.AI;

namespace Castellan.Models.Runbooks;

/// <summary>Answers by a declared procedure instead of a language model.</summary>
/// <remarks>
/// Stateless and deterministic: from the conversation alone it works out which step is next, so it can be asked again after a crash and
/// says the same. The calls it asks for carry the id <c>PROCEDURE.STEP</c>. An expression that fails ends the procedure with an answer
/// that names step, expression and reason. Uses no tokens. Safe for many threads.
/// </remarks>
/// <param name="program">The compiled runbook.</param>
/// <param name="name">Name of the model, as answers report it.</param>
public sealed class RunbookChatClient(RunbookProgram program, string name) : IChatClient
{
    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var conversation = new RunbookConversation(messages);
        var tools = options?.Tools?.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        ChatMessage answer;
        try
        {
            answer = Next(conversation, tools, cancellationToken);
        }
        catch (RunbookException e)
        {
            answer = new(ChatRole.Assistant, $"The runbook '{name}' stopped at {e.Message}.");
        }
        var calls = answer.Contents.Any(c => c is FunctionCallContent);
        return Task.FromResult(new ChatResponse(answer)
        {
            ModelId = name,
            FinishReason = calls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = 0, OutputTokenCount = 0, TotalTokenCount = 0 },
        });
    }

    /// <inheritdoc/>
    /// <remarks>The answer comes in one piece.</remarks>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates()) yield return update;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("runbook", null, name)
        : serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Nothing to release.</summary>
    public void Dispose()
    {
    }

    private ChatMessage Next(RunbookConversation conversation, HashSet<string>? tools, CancellationToken ct)
    {
        var start = new RunbookState(conversation.Input, conversation.History, CelValue.From(CelMap.Empty), ct);
        var procedure = program.Procedures.FirstOrDefault(p => p.When?.Holds(start, $"the condition of procedure '{p.Name}'") ?? true);
        if (procedure is null) return new(ChatRole.Assistant, program.Otherwise?.Render(start) ?? NothingApplies());
        Dictionary<string, CelValue> results = [];
        List<(string Step, string Text)> failed = [];
        foreach (var step in procedure.Steps)
        {
            var callId = $"{procedure.Name}.{step.Name}";
            var state = start with { Steps = StepsOf(results) };
            if (conversation.ResultOf(callId) is { } outcome)
            {
                results[step.Name] = RunbookVariables.Of(outcome);
                if (!outcome.Ok) failed.Add((step.Name, outcome.Text));
                continue;
            }
            if (conversation.IsPending(callId)) return new(ChatRole.Assistant, $"The runbook '{name}' stopped at {step.Place}: its call has no result.");
            try
            {
                if (!(step.When?.Holds(state, step.Place) ?? true)) continue;
                return Ask(step, callId, step.Arguments.Build(state), tools);
            }
            catch (RunbookException e) when (failed.Count > 0)
            {
                return Explain(e, failed);
            }
        }
        return Answer(procedure, start with { Steps = StepsOf(results) }, failed);
    }

    private ChatMessage Ask(StepProgram step, string callId, System.Text.Json.Nodes.JsonObject arguments, HashSet<string>? tools)
    {
        if (tools is not null && !tools.Contains(step.Tool))
        {
            var offered = tools.Count == 0 ? "it has none" : $"it has {string.Join(", ", tools.Order(StringComparer.Ordinal))}";
            return new(ChatRole.Assistant, $"The runbook '{name}' stopped at {step.Place}: this agent has no tool '{step.Tool}' ({offered}); add it to spec.tools of the Agent.");
        }
        var call = new FunctionCallContent(callId, step.Tool, arguments.ToDictionary(a => a.Key, a => (object?)RunbookVariables.ToElement(a.Value)));
        return new(ChatRole.Assistant, [call]);
    }

    private ChatMessage Answer(ProcedureProgram procedure, RunbookState state, List<(string Step, string Text)> failed)
    {
        try
        {
            var texts = procedure.Findings
                .Where(f => f.When?.Holds(state, f.Place) ?? true)
                .Select(f => f.Text!.Render(state).Trim())
                .Where(t => t.Length > 0)
                .ToList();
            return new(ChatRole.Assistant, texts.Count > 0 ? RunbookAnswer.Join(texts) : $"Procedure '{procedure.Name}' ran to its end; none of its findings applies.");
        }
        catch (RunbookException e) when (failed.Count > 0)
        {
            return Explain(e, failed);
        }
    }

    // An expression usually fails because an earlier step did: then that is what the reader needs to know.
    private ChatMessage Explain(RunbookException e, List<(string Step, string Text)> failed) => new(ChatRole.Assistant,
        $"The runbook '{name}' stopped at {e.Message}. Before that, {string.Join("; ", failed.Select(f => $"step '{f.Step}' failed: {f.Text}"))}");

    private string NothingApplies() =>
        $"The runbook '{name}' has no procedure for this. Its procedures are {string.Join(", ", program.Procedures.Select(p => p.Name))}.";

    private static CelValue StepsOf(Dictionary<string, CelValue> results) =>
        CelValue.From(CelMap.Create(results.Select(r => KeyValuePair.Create(CelValue.From(r.Key), r.Value))));
}
