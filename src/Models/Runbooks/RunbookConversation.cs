using Castellan.Cel;
using Microsoft.Extensions.AI;

namespace Castellan.Models.Runbooks;

/// <summary>A conversation as a runbook reads it: what the user said last, what was said before, which steps have results.</summary>
internal sealed class RunbookConversation
{
    private readonly Dictionary<string, ToolOutcome> _results = new(StringComparer.Ordinal);
    private readonly HashSet<string> _called = new(StringComparer.Ordinal);

    public RunbookConversation(IEnumerable<ChatMessage> messages)
    {
        var all = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var last = -1;
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Role == ChatRole.User) last = i;
        }
        Input = last < 0 ? "" : all[last].Text;
        History = CelValue.From(new CelList(all.Take(Math.Max(last, 0))
            .Where(m => (m.Role == ChatRole.User || m.Role == ChatRole.Assistant) && m.Text.Length > 0)
            .Select(m => CelValue.From([KeyValuePair.Create("role", m.Role.Value), KeyValuePair.Create("text", m.Text)]))));
        // Calls of earlier turns of the conversation may carry the same ids: only what follows the user's last message counts.
        foreach (var content in all.Skip(last + 1).SelectMany(m => m.Contents))
        {
            if (content is FunctionCallContent call) _called.Add(call.CallId);
            else if (content is FunctionResultContent result) _results[result.CallId] = ToolOutcome.Of(result);
        }
    }

    public string Input { get; }

    public CelValue History { get; }

    /// <summary>The result of a call; <see langword="null"/> when it has not been made, or has no result yet.</summary>
    public ToolOutcome? ResultOf(string callId) => _results.GetValueOrDefault(callId);

    /// <summary>True when the call was asked for but has no result.</summary>
    public bool IsPending(string callId) => _called.Contains(callId) && !_results.ContainsKey(callId);
}
