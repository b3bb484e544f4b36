using Castellan.KubeApi;

namespace Castellan.KubeClient.Informers;

public sealed partial class Informer<T>
{
    // A watch that lives shorter than this counts as failed, so that a server that closes at once is not hammered.
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    /// <summary>Lists and watches until cancelled; failures are retried with backoff, a version that is too old by listing again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var resync = _options.Resync is { } period ? _kube.Time.CreateTimer(_ => Resync(), null, period, period) : null;
        string? version = null;
        var failures = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                version ??= await ListAsync(ct);
                var began = _kube.Time.GetTimestamp();
                (version, var any) = await WatchAsync(version, ct);
                failures = any || _kube.Time.GetElapsedTime(began) >= ShortWatch ? 0 : failures + 1;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (KubeException e) when (e.IsExpired)
            {
                LogExpired(_kind, version);
                version = null;
            }
            catch (WatchBrokenException e)
            {
                // Events up to here are in the cache: go on from there instead of listing everything again.
                version = e.Version;
                failures = e.SawAny ? 1 : failures + 1;
                LogFailed(_kind, e.Message, failures);
            }
            catch (Exception e) when (e is KubeException or KubeUnreachableException or KubeConfigException or System.Text.Json.JsonException)
            {
                version = null;
                LogFailed(_kind, e.Message, ++failures);
            }
            if (failures > 0) await PauseAsync(_options.Backoff.After(failures - 1), ct);
        }
    }

    private async Task<string> ListAsync(CancellationToken ct)
    {
        var list = await _kube.ListAsync<T>(_options.Namespace, new ListOptions { LabelSelector = _options.LabelSelector, FieldSelector = _options.FieldSelector }, ct);
        Replace(list);
        return list.Metadata.ResourceVersion ?? "";
    }

    private async Task<(string Version, bool Any)> WatchAsync(string version, CancellationToken ct)
    {
        var any = false;
        var options = new WatchOptions
        {
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            ResourceVersion = version,
            // Spread over five minutes, so that many informers do not reconnect at once.
            TimeoutSeconds = Random.Shared.Next(300, 600),
        };
        try
        {
            await foreach (var e in _kube.WatchAsync<T>(_options.Namespace, options, ct))
            {
                any = true;
                if (e.Type != WatchEventType.Bookmark) Apply(e);
                version = e.Object.Metadata.ResourceVersion ?? version;
            }
        }
        catch (KubeUnreachableException e)
        {
            throw new WatchBrokenException(version, any, e);
        }
        return (version, any);
    }

    private async Task PauseAsync(TimeSpan delay, CancellationToken ct)
    {
        try
        {
            await Task.Delay(delay, _kube.Time, ct);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop; the loop sees it.
        }
    }

    private sealed class WatchBrokenException(string version, bool sawAny, Exception inner) : Exception(inner.Message, inner)
    {
        public string Version { get; } = version;

        public bool SawAny { get; } = sawAny;
    }
}
