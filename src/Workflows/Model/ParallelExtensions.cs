namespace Castellan.Workflows;

/// <summary>Fan-out with a limit.</summary>
public static class ParallelExtensions
{
    /// <summary>Runs a durable call for each input, at most so many at a time, and returns the results in the order of the inputs.</summary>
    /// <exception cref="AggregateException">Some calls failed; all others were waited for.</exception>
    public static async Task<TResult[]> ProcessInParallelAsync<TInput, TResult>(this WorkflowContext context, IEnumerable<TInput> inputs,
        Func<TInput, Task<TResult>> call, int maxConcurrency = 5)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        var items = inputs.ToList();
        var results = new TResult[items.Count];
        var errors = new List<Exception>();
        var next = 0;

        async Task DrainAsync()
        {
            while (next < items.Count)
            {
                var index = next++; // safe: an orchestration runs on one thread
                try
                {
                    results[index] = await call(items[index]).ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    errors.Add(error);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Math.Min(maxConcurrency, items.Count)).Select(_ => DrainAsync()).ToList()).ConfigureAwait(false);
        return errors.Count == 0 ? results : throw new AggregateException(errors);
    }
}
