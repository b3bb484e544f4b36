using System.Collections.Concurrent;
using Castellan.GatewayApi;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// What this process knows about calls it accepted itself: a ticket says "the claim of this call was committed by me and its effect has
/// not begun". An effect without a ticket comes after a crash (or a lost delivery) and has to find out what happened.
/// </summary>
internal sealed class CallTickets
{
    private readonly ConcurrentDictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CallResult> _results = new(StringComparer.Ordinal);

    /// <summary>Announces a call; it counts only once <see cref="Ticket.Arm"/> was called by the unit of work that claims it.</summary>
    internal Ticket? TryAnnounce(CallSpec spec)
    {
        var ticket = new Ticket(spec);
        return _tickets.TryAdd(spec.CallId, ticket) ? ticket : null;
    }

    /// <summary>Waits until a call that is just being placed by another request is durable, or was not placed after all.</summary>
    internal Task WaitForPlacingAsync(string callId, CancellationToken ct) =>
        _tickets.TryGetValue(callId, out var ticket) ? ticket.Placed.WaitAsync(ct) : Task.CompletedTask;

    internal void Withdraw(Ticket ticket)
    {
        _tickets.TryRemove(new KeyValuePair<string, Ticket>(ticket.Spec.CallId, ticket));
        ticket.EndPlacing();
    }

    /// <summary>Takes the ticket; null when there is none, or when it was never armed.</summary>
    internal CallSpec? Take(string callId) => _tickets.TryRemove(callId, out var ticket) && ticket.Armed ? ticket.Spec : null;

    /// <summary>Keeps a result for the request that waits for it, so that it need not be read back.</summary>
    internal void PutResult(CallResult result) => _results[result.CallId] = result;

    internal CallResult? TakeResult(string callId) => _results.TryRemove(callId, out var result) ? result : null;
}

/// <summary>See <see cref="CallTickets"/>.</summary>
internal sealed class Ticket(CallSpec spec)
{
    internal CallSpec Spec { get; } = spec;

    private readonly TaskCompletionSource _placed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal bool Armed { get; private set; }

    internal Task Placed => _placed.Task;

    internal void EndPlacing() => _placed.TrySetResult();

    internal void Arm() => Armed = true;
}
