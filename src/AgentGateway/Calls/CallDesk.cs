using Castellan.AgentGateway.Budgets;
using Castellan.AgentGateway.Approvals;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Runs;
using Castellan.AgentGateway.Tracing;
using Castellan.GatewayApi;
using Castellan.Storage;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// Takes calls in: records the decision and starts what follows from it, in one unit of work. The same identity again joins the call
/// that is there; with other arguments it is a conflict.
/// </summary>
internal sealed class CallDesk(CallLedger ledger, CallTickets tickets, ICallHub hub, Store store, RunFeed feed)
{
    /// <summary>Places a decided call and waits for its end, or for the moment when it waits for an approval.</summary>
    /// <param name="spec">The call with its decision.</param>
    /// <param name="retryKey">Joins equal requests of a client that has no ids of its own, while an approval is open; null for others.</param>
    /// <param name="ct">Ends the wait, not the call.</param>
    /// <exception cref="GatewayException">409: this identity was used with other arguments.</exception>
    internal async Task<CallResult> PlaceAsync(CallSpec spec, string? retryKey, CancellationToken ct)
    {
        try
        {
            var result = spec.Decision.Effect switch
            {
                DecisionEffect.Deny => await DenyAsync(spec, ct),
                _ => await AcceptAsync(spec, retryKey, ct),
            };
            Signal(spec);
            return result;
        }
        catch (Exception e) when (e is StoreConflictException or CallExistsException)
        {
            return await JoinAsync(spec, ct);
        }
    }

    /// <summary>The result of a call that was placed before; waits while it is under way.</summary>
    internal async Task<CallResult> ResultAsync(CallRow row, CancellationToken ct)
    {
        if (row.Result is { } ended)
        {
            return ended;
        }

        if (row.State == CallState.AwaitingApproval)
        {
            return CallTexts.Waiting(row.Spec);
        }

        return await EndAsync(row.Spec, ct);
    }

    /// <summary>Waits until a call has ended, also through an approval.</summary>
    internal async Task<CallResult> EndAsync(CallSpec spec, CancellationToken ct)
    {
        await hub.WaitAsync(spec.CallId, ct);
        Signal(spec);
        return tickets.TakeResult(spec.CallId) ?? (await ledger.FindAsync(spec.CallId, ct))?.Result
            ?? throw new InvalidOperationException($"call {spec.CallId} ended without a result");
    }

    private async Task<CallResult> AcceptAsync(CallSpec spec, string? retryKey, CancellationToken ct)
    {
        try
        {
            return spec.Decision.Effect is DecisionEffect.RequireApproval or DecisionEffect.RequireConfirmation
                ? await WaitForApprovalAsync(spec, retryKey, ct)
                : await AllowAsync(spec, ct);
        }
        catch (BudgetExceededException refusal)
        {
            // Whether there is room only the unit of work knows that would have accepted the call, and it is undone.
            return await DenyAsync(refusal.Deny(spec), ct);
        }
    }

    private async Task<CallResult> DenyAsync(CallSpec spec, CancellationToken ct)
    {
        var denied = CallTexts.Ended(spec, CallState.Denied, CallTexts.Denied(spec));
        await store.WriteAsync(unit => ledger.Deny(unit, spec, denied), ct);
        CallSpans.Tell(spec, denied);
        return denied;
    }

    private async Task<CallResult> WaitForApprovalAsync(CallSpec spec, string? retryKey, CancellationToken ct)
    {
        await hub.StartAsync(new CallInput(spec.CallId, spec.Decision.ExpiresAt) { Trace = spec.Trace }, unit => ledger.AcceptWaiting(unit, spec, retryKey), ct);
        return CallTexts.Waiting(spec);
    }

    private async Task<CallResult> AllowAsync(CallSpec spec, CancellationToken ct)
    {
        if (!hub.SharesStore)
        {
            await hub.StartAsync(new CallInput(spec.CallId, null) { Trace = spec.Trace }, unit => ledger.AcceptUnclaimed(unit, spec), ct);
            return await EndAsync(spec, ct);
        }

        var ticket = tickets.TryAnnounce(spec) ?? throw new CallExistsException(spec.CallId);
        try
        {
            await hub.StartAsync(new CallInput(spec.CallId, null) { Trace = spec.Trace }, unit =>
            {
                ledger.Accept(unit, spec);
                ticket.Arm();
            }, ct);
            ticket.EndPlacing();
        }
        catch (Exception)
        {
            tickets.Withdraw(ticket);
            throw;
        }

        return await EndAsync(spec, ct);
    }

    private async Task<CallResult> JoinAsync(CallSpec spec, CancellationToken ct)
    {
        await tickets.WaitForPlacingAsync(spec.CallId, ct);
        var row = await ledger.FindAsync(spec.CallId, ct)
            ?? throw Refusals.Unavailable($"call {spec.CallId} was being made by another request, which failed", "make it again");
        if (row.Spec.RequestDigest == spec.RequestDigest && row.Spec.Kind == spec.Kind && row.Spec.Tool?.Name == spec.Tool?.Name && row.Spec.Tool?.Server == spec.Tool?.Server)
        {
            return await ResultAsync(row, ct);
        }

        await ledger.RejectAsync(spec, $"the same identity was used before with arguments {row.Spec.RequestDigest}", ct);
        throw Refusals.Conflict($"call {spec.CallId} was made before with other arguments", "use a new sequence or key for a new call");
    }

    private void Signal(CallSpec spec)
    {
        if (spec.Run is { } run)
        {
            feed.Signal(run.RunId);
        }
    }
}

/// <summary>There is an instance for this call already.</summary>
internal sealed class CallExistsException(string callId) : Exception($"call {callId} exists");
