using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Castellan.Storage;
using Castellan.Storage.Claims;

namespace Castellan.Workflows;

/// <summary>
/// An activity whose effect happens at most once. Before it begins a claim is on disk; when a crash leaves the claim without outcome, the call
/// ends as <see cref="OutcomeUnknownException"/> and the effect is not repeated. A call that is delivered again after its outcome was written
/// returns that outcome; one that is delivered again to the process in which it still runs waits for it there.
/// </summary>
/// <remarks>
/// The store (opened with <see cref="EffectClaims.Schema"/>) may be that of the sidecar in this process. A worker elsewhere uses a store of its
/// own, which every worker that may run the activity must share.
/// </remarks>
/// <example>
/// <code>
/// sealed class Pay(Store store, Bank bank) : ClaimedActivity&lt;Order, Receipt&gt;(store)
/// {
///     protected override Task&lt;Receipt&gt; PerformAsync(WorkflowActivityContext context, Order order) =&gt; bank.PayAsync(order);
/// }
/// </code>
/// </example>
public abstract class ClaimedActivity<TInput, TOutput>(Store store, TimeProvider? clock = null) : WorkflowActivity<TInput, TOutput>
{
    private const int MostAttempts = 20; // some four minutes
    private static readonly ConditionalWeakTable<Store, RunningEffects<TOutput>> s_running = [];

    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>How inputs and outcomes are written.</summary>
    protected virtual JsonSerializerOptions JsonOptions => JsonSerializerOptions.Web;

    /// <inheritdoc/>
    public sealed override async Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input)
    {
        var key = $"{context.Identifier.Name}/{KeyOf(context, input)}";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(input, JsonOptions))));
        return await s_running.GetValue(store, _ => new()).JoinAsync(
            $"{key}\n{digest}", () => RunAsync(context, input, key, digest), (context as IDurableActivityContext)?.Stopping ?? CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input, string key, string digest)
    {
        var claim = await ClaimAsync(context, key, digest).ConfigureAwait(false);
        return claim.State switch
        {
            ClaimState.Claimed => await PerformAsync(context, input, key).ConfigureAwait(false),
            ClaimState.Ended => Outcome(claim.Outcome!),
            ClaimState.Open => await FindOutAsync(context, input, key, claim).ConfigureAwait(false),
            _ => throw new NonRetriableActivityException($"the effect '{key}' was claimed with another input; use a key that tells them apart"),
        };
    }

    /// <summary>Names the effect. By default each call of the orchestration is an effect of its own, and its retries are not.</summary>
    protected virtual string KeyOf(WorkflowActivityContext context, TInput input) => context.TaskExecutionKey;

    /// <summary>Performs the effect. Called at most once for a key.</summary>
    /// <remarks>
    /// An exception is its outcome: the call fails, also when delivered or retried again. Throw <see cref="EffectNotPerformedException"/> when
    /// nothing has happened and a retry is welcome.
    /// </remarks>
    protected abstract Task<TOutput> PerformAsync(WorkflowActivityContext context, TInput input);

    /// <summary>Asks the other side what became of an attempt that left no outcome; null (the default) if that cannot be known.</summary>
    protected virtual Task<FoundOutcome<TOutput>?> FindOutAsync(WorkflowActivityContext context, TInput input) => Task.FromResult<FoundOutcome<TOutput>?>(null);

    private async Task<EffectClaim> ClaimAsync(WorkflowActivityContext context, string key, string digest)
    {
        var now = _clock.GetUtcNow();
        var claim = await WriteAsync(context, unit => EffectClaims.TryClaim(unit, key, digest, now)).ConfigureAwait(false);
        return claim is { State: ClaimState.Open } && claim.ClaimedAt == now
            ? claim with { State = ClaimState.Claimed } // its own, from a commit whose answer was lost
            : claim;
    }

    // A store that is away for a while must not turn into a failure of the call.
    private async Task<T> WriteAsync<T>(WorkflowActivityContext context, Func<IUnitOfWork, T> work)
    {
        var stopping = (context as IDurableActivityContext)?.Stopping ?? CancellationToken.None;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await store.WriteAsync(work, CancellationToken.None).ConfigureAwait(false);
            }
            catch (StoreException error) when (error is StoreUnavailableException or StoreOutcomeUnknownException && attempt < MostAttempts)
            {
                await Task.Delay(Backoff.After(attempt), _clock, stopping).ConfigureAwait(false);
            }
        }
    }

    private async Task<TOutput> PerformAsync(WorkflowActivityContext context, TInput input, string key)
    {
        TOutput output;
        try
        {
            output = await PerformAsync(context, input).ConfigureAwait(false);
        }
        catch (EffectNotPerformedException)
        {
            await WriteAsync(context, unit => EffectClaims.GiveBack(unit, key)).ConfigureAwait(false);
            throw;
        }
        catch (OperationCanceledException) when (context is IDurableActivityContext { Stopping.IsCancellationRequested: true })
        {
            throw; // broken off in the middle: its claim stays open, and the next delivery says so
        }
        catch (Exception error)
        {
            var failed = new ClaimOutcome(null, error.GetType().FullName, error.Message);
            await EndAsync(context, key, failed).ConfigureAwait(false);
            throw new EffectFailedException(failed.ErrorType!, failed.Error!, error);
        }

        await EndAsync(context, key, output).ConfigureAwait(false);
        return output;
    }

    private async Task<TOutput> FindOutAsync(WorkflowActivityContext context, TInput input, string key, EffectClaim claim)
    {
        if (await FindOutAsync(context, input).ConfigureAwait(false) is not { } found)
        {
            throw new OutcomeUnknownException(key, claim.ClaimedAt);
        }

        await EndAsync(context, key, found.Output).ConfigureAwait(false);
        return found.Output;
    }

    // Before the completion and apart from it: if that is lost, the next delivery finds the outcome here.
    private Task EndAsync(WorkflowActivityContext context, string key, TOutput output) => EndAsync(context, key, new ClaimOutcome(JsonSerializer.SerializeToElement(output, JsonOptions), null, null));

    private Task EndAsync(WorkflowActivityContext context, string key, ClaimOutcome outcome) => WriteAsync(context,
        unit => EffectClaims.End(unit, key, JsonSerializer.Serialize(outcome, JsonSerializerOptions.Web), _clock.GetUtcNow()));

    private TOutput Outcome(string written)
    {
        var outcome = JsonSerializer.Deserialize<ClaimOutcome>(written, JsonSerializerOptions.Web)!;
        return outcome.ErrorType is { } type ? throw new EffectFailedException(type, outcome.Error ?? "") : outcome.Output!.Value.Deserialize<TOutput>(JsonOptions)!;
    }

    private sealed record ClaimOutcome(JsonElement? Output, string? ErrorType, string? Error);
}

/// <summary>What became of an effect, as the other side tells.</summary>
/// <param name="Output">Its output.</param>
public sealed record FoundOutcome<TOutput>(TOutput Output);

/// <summary>A claimed effect failed; that is its outcome, and it is not tried again.</summary>
public sealed class EffectFailedException(string errorType, string error, Exception? inner = null) : NonRetriableActivityException($"{errorType}: {error}", inner)
{
    /// <summary>Full type name of what it threw.</summary>
    public string ErrorType { get; } = errorType;
}
