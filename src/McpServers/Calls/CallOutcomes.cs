using System.Security.Cryptography;
using System.Text;
using Castellan.McpServers.Tools;
using ModelContextProtocol.Protocol;

namespace Castellan.McpServers.Calls;

/// <summary>What became of the writes of this process, by call id: a repeated call gets the first outcome and never acts twice.</summary>
/// <remarks>
/// A write runs to its end even if its caller goes away, so that its outcome can be asked for. Kept in memory: after a restart of this
/// process an outcome is unknown, and the caller treats it so.
/// </remarks>
internal sealed class CallOutcomes(int capacity = 10_000) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Digest, Task<CallToolResult> Outcome)> _calls = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Acts, or waits for what the first call with this id does.</summary>
    /// <param name="callId">Identity of the call.</param>
    /// <param name="digest">Of principal, tool and arguments.</param>
    /// <param name="act">The write.</param>
    /// <param name="ct">Ends the wait, not the write.</param>
    /// <exception cref="ToolProblem">The id was used for another call.</exception>
    public async Task<CallToolResult> OnceAsync(string callId, string digest, Func<Task<CallToolResult>> act, CancellationToken ct)
    {
        Task<CallToolResult> outcome;
        lock (_lock)
        {
            if (!_calls.TryGetValue(callId, out var known))
            {
                known = (digest, Task.Run(act, CancellationToken.None));
                _calls[callId] = known;
                _order.Enqueue(callId);
                Trim();
            }
            else if (known.Digest != digest)
            {
                throw new ToolProblem($"call id '{callId}' was used for another call", "give every call an id of its own");
            }
            outcome = known.Outcome;
        }
        return await outcome.WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>The outcome of a call; <see langword="null"/> when it never came here, or is forgotten.</summary>
    public Task<CallToolResult>? Find(string callId)
    {
        lock (_lock) return _calls.TryGetValue(callId, out var known) ? known.Outcome : null;
    }

    /// <summary>Identifies a call beside its id.</summary>
    public static string DigestOf(string user, string tool, string arguments) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{user}\n{tool}\n{arguments}")));

    /// <summary>Waits for the writes that still run.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_lock) running = [.. _calls.Values.Select(c => c.Outcome).Where(t => !t.IsCompleted)];
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // The oldest finished calls are forgotten first; one that still runs is never forgotten.
    private void Trim()
    {
        for (var left = _order.Count; left > 0 && _calls.Count > capacity; left--)
        {
            var oldest = _order.Dequeue();
            if (_calls[oldest].Outcome.IsCompleted) _calls.Remove(oldest);
            else _order.Enqueue(oldest);
        }
    }
}
