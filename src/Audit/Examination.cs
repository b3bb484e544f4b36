namespace Castellan.Audit;

/// <summary>What can be found out about each record alone, on all processors: it is most of the work of verifying.</summary>
internal static class Examination
{
    private const int Chunk = 64;

    /// <summary>Examines each item; the results have the items' order.</summary>
    internal static TResult[] OfAll<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, TResult> examine, CancellationToken ct)
    {
        var results = new TResult[items.Count];
        Parallel.For(0, (items.Count + Chunk - 1) / Chunk, new ParallelOptions { CancellationToken = ct }, chunk =>
        {
            for (var i = chunk * Chunk; i < Math.Min(items.Count, (chunk + 1) * Chunk); i++)
            {
                results[i] = examine(items[i]);
            }
        });
        return results;
    }
}
