using System.Runtime.CompilerServices;
using Castellan.GatewayApi;

namespace Castellan.Cli.Runs;

/// <summary>Follows a run across restarts of the gateway.</summary>
internal static class RunStreaming
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private const int Patience = 120;

    /// <summary>The events of a run after <paramref name="after"/>; a broken stream is taken up where it broke, for a minute.</summary>
    public static async IAsyncEnumerable<RunEvent> FollowRunAsync(this GatewayClient gateway, string runId, long after, TimeProvider time, [EnumeratorCancellation] CancellationToken ct)
    {
        var failures = 0;
        while (true)
        {
            await using var events = gateway.RunEventsAsync(runId, after, ct).GetAsyncEnumerator(ct);
            while (await NextAsync(events, () => ++failures, ct))
            {
                failures = 0;
                after = events.Current.Sequence;
                yield return events.Current;
                if (events.Current.Type == RunEventType.RunCompleted)
                {
                    yield break;
                }
            }
            await Task.Delay(Pause, time, ct);
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<RunEvent> events, Func<int> failed, CancellationToken ct)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (GatewayException e) when (e.IsTransient && failed() < Patience)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or HttpRequestException && !ct.IsCancellationRequested && failed() < Patience)
        {
            return false;
        }
    }
}
