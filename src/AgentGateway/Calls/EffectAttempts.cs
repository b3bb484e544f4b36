using Castellan.AgentGateway.Hosting;
using Castellan.GatewayApi;
using Castellan.Storage.Claims;

namespace Castellan.AgentGateway.Calls;

/// <summary>Performs effects: again if nothing was sent, again as a new attempt if it may be repeated, and never otherwise.</summary>
internal sealed class EffectAttempts(ToolEffectCall tools, ModelEffectCall models, CallLedger ledger, GatewayOptions options, TimeProvider clock)
{
    private const int MostAttempts = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Performs the effect; the caller holds the claim of this attempt.</summary>
    internal async Task<CallResult> RunAsync(CallSpec spec, int attempt, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var outcome = await OnceAsync(spec, attempt, ct);
            if (outcome.Result is { } result)
            {
                return result with { Attempt = attempt, DurationMs = clock.GetElapsedTime(started).TotalMilliseconds };
            }

            if (!CallEffect.Repeatable(spec))
            {
                return await FindOutAsync(spec, attempt, ct);
            }

            if (attempt >= MostAttempts)
            {
                return CallTexts.Ended(spec, CallState.Failed, CallTexts.BrokenOff(spec, attempt, outcome.Problem), attempt);
            }

            var claim = await ledger.RenewAsync(spec, attempt, ct);
            attempt = claim.State == ClaimState.Claimed ? claim.Attempt : throw new InvalidOperationException($"call {spec.CallId} is claimed by someone else");
        }
    }

    /// <summary>A write was cut off. A built-in server can say what became of it; nobody else can.</summary>
    internal async Task<CallResult> FindOutAsync(CallSpec spec, int attempt, CancellationToken ct)
    {
        var found = spec.Tool is null ? null : await tools.AskAsync(spec, attempt, ct);
        return found is { } content
            ? ResultObligations.Complete(spec, content, attempt)
            : CallTexts.Ended(spec, CallState.OutcomeUnknown, CallTexts.OutcomeUnknown(spec), attempt);
    }

    /// <summary>One attempt; while nothing could be sent it is tried again under the same claim.</summary>
    private async Task<AttemptOutcome> OnceAsync(CallSpec spec, int attempt, CancellationToken ct)
    {
        var patience = TimeSpan.FromSeconds(options.ToolServerPatienceSeconds);
        var started = clock.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var outcome = spec.Tool is null ? await models.RunAsync(spec, ct) : await tools.RunAsync(spec, attempt, ct);
            if (!outcome.NotSent)
            {
                return outcome;
            }

            if (clock.GetElapsedTime(started) + pause > patience)
            {
                return AttemptOutcome.Of(CallTexts.Ended(spec, CallState.Failed, $"{CallTexts.Name(spec)} was not sent: {outcome.Problem}", attempt) with { Unspent = attempt == 1 });
            }

            await Task.Delay(pause, clock, ct);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }
}

/// <summary>How one attempt ended.</summary>
/// <param name="Result">The result; null when it broke off.</param>
/// <param name="NotSent">Nothing reached the other side.</param>
/// <param name="Problem">What went wrong.</param>
internal readonly record struct AttemptOutcome(CallResult? Result, bool NotSent, string? Problem)
{
    internal static AttemptOutcome Of(CallResult result) => new(result, false, null);

    internal static AttemptOutcome Unsent(string problem) => new(null, true, problem);

    internal static AttemptOutcome BrokenOff(string problem) => new(null, false, problem);
}
