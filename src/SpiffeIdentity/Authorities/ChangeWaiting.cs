using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Waits for the first of several change tokens or a moment.</summary>
internal static class ChangeWaiting
{
    public static async Task WaitAsync(IEnumerable<IChangeToken> tokens, DateTimeOffset? until, TimeProvider clock, CancellationToken ct)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var registrations = tokens.Select(t => t.RegisterChangeCallback(static state => ((CancellationTokenSource)state!).Cancel(), wake)).ToList();
        try
        {
            var wait = until is { } moment ? moment - clock.GetUtcNow() : Timeout.InfiniteTimeSpan;
            if (until is null || wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, clock, wake.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            registrations.ForEach(r => r.Dispose());
        }

        ct.ThrowIfCancellationRequested();
    }
}
