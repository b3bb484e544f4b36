using Castellan.GatewayApi;
using Castellan.Rpc;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentRuntime.Runs;

/// <summary>Tries until it is done: sidecar and gateway may be away at any moment, and what was promised is done when they are back.</summary>
internal sealed class Insistence(TimeProvider clock, ILogger<Insistence> log)
{
    private static readonly TimeSpan s_attemptLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    /// <param name="what">Completes "Cannot …".</param>
    /// <param name="attempt">Safe to repeat, also after an attempt whose answer was lost.</param>
    /// <param name="isFinal">Tells the errors that no repetition mends; they are thrown.</param>
    /// <param name="ct">Ends the trying.</param>
    /// <param name="mayLast">True for a wait, which takes as long as it takes.</param>
    public async Task<T> UntilDoneAsync<T>(string what, Func<CancellationToken, Task<T>> attempt, Func<Exception, bool> isFinal, CancellationToken ct, bool mayLast = false)
    {
        var pause = s_firstPause;
        for (var attempts = 1; ; attempts++)
        {
            using var limit = new CancellationTokenSource(mayLast ? Timeout.InfiniteTimeSpan : s_attemptLimit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
            try
            {
                return await attempt(either.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!ct.IsCancellationRequested && e is RpcException or GatewayException or HttpRequestException or IOException or OperationCanceledException && !isFinal(e))
            {
                log.NotYet(what, attempts, e.Message);
            }
            await Task.Delay(pause, clock, ct).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }
}
