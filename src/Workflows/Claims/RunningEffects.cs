using System.Collections.Concurrent;

namespace Castellan.Workflows;

/// <summary>The claimed effects that go on in this process. A sidecar that was restarted delivers again what its workers are still doing.</summary>
internal sealed class RunningEffects<TOutput>
{
    private readonly ConcurrentDictionary<string, Lazy<Task<TOutput>>> _running = new(StringComparer.Ordinal);

    /// <summary>Runs an effect, or waits for the attempt that runs.</summary>
    /// <param name="effect">Names it, and what it is to do.</param>
    /// <param name="run">Claims and performs it.</param>
    /// <param name="stopping">Ends when the caller's worker stops.</param>
    public async Task<TOutput> JoinAsync(string effect, Func<Task<TOutput>> run, CancellationToken stopping)
    {
        while (true)
        {
            var mine = new Lazy<Task<TOutput>>(run);
            var running = _running.GetOrAdd(effect, mine);
            try
            {
                return await (running == mine ? mine.Value : running.Value.WaitAsync(stopping)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (running != mine && !stopping.IsCancellationRequested)
            {
                // The worker that ran it stops, this one does not: the claim tells what is to be done.
            }
            finally
            {
                if (running == mine)
                {
                    _running.TryRemove(new(effect, mine));
                }
            }
        }
    }
}
