namespace Castellan.Workflows.Sidecar;

/// <summary>How many committed events of which executions a stream has been sent; so many it need not be sent again.</summary>
internal sealed class SentHistories
{
    private const int MostExecutions = 10_000; // a worker keeps fewer; what it has dropped, it fetches

    private readonly Dictionary<string, (string Execution, int Count)> _sent = new(StringComparer.Ordinal);

    /// <summary>Notes that so many events are known with this turn.</summary>
    /// <returns>How many were known before it.</returns>
    public int Exchange(string instanceId, string executionId, int count)
    {
        lock (_sent)
        {
            var known = _sent.TryGetValue(instanceId, out var sent) && sent.Execution == executionId && sent.Count <= count ? sent.Count : 0;
            if (_sent.Count >= MostExecutions && !_sent.ContainsKey(instanceId))
            {
                _sent.Clear(); // each costs one whole history, once
            }

            _sent[instanceId] = (executionId, count);
            return known;
        }
    }
}
