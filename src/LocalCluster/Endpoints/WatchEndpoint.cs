using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Selectors;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>watch: committed writes as a stream of events.</summary>
internal sealed class WatchEndpoint(ObjectStore store, TimeProvider clock, CancellationToken stopping)
{
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(45);

    public async Task WatchAsync(RequestContext request)
    {
        var (labels, fields) = (request.Labels(), request.Fields());
        FieldSelectors.Check(request.Resource, fields);
        if (request.Info.Name.Length > 0) fields = FieldSelector.Parse($"metadata.name={request.Info.Name}");
        var stream = new WatchStream(request, labels, fields, clock);
        using var watch = Begin(request, out var initial);
        request.Http.Response.StatusCode = 200;
        request.Http.Response.ContentType = Responses.Json;
        request.Http.Response.Headers.CacheControl = "no-cache, private";
        var seconds = request.Number("timeoutSeconds") is { } asked and > 0 ? TimeSpan.FromSeconds(asked) : DefaultTimeout;
        using var timeout = new CancellationTokenSource(seconds, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.Aborted, stopping);
        try
        {
            await request.Http.Response.StartAsync(end.Token).ConfigureAwait(false);
            if (initial is not null) await stream.WriteInitialAsync(initial, watch.StartRevision, end.Token).ConfigureAwait(false);
            await request.Http.Response.BodyWriter.FlushAsync(end.Token).ConfigureAwait(false);
            await FollowAsync(stream, watch, request.Flag("allowWatchBookmarks"), end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // the time asked for is over, the caller has gone, or the server stops: the stream just ends
        }
    }

    private StoreWatch Begin(RequestContext request, out StoredObject[]? initial)
    {
        var since = request.Number("resourceVersion") ?? 0;
        var sendInitial = request.Flag("sendInitialEvents");
        if (sendInitial && request.Query("resourceVersionMatch") != "NotOlderThan")
        {
            throw ApiErrors.Invalid(request.Resource, "", [FieldFault.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]);
        }
        if (since == 0 || sendInitial)
        {
            (initial, var all) = store.ListAndWatch(request.Resource.StorageKey, request.Namespace);
            return all;
        }
        initial = null;
        return store.Watch(request.Resource.StorageKey, request.Namespace, since)
            ?? throw ApiErrors.Expired($"too old resource version: {since} ({store.Revision})");
    }

    private async Task FollowAsync(WatchStream stream, StoreWatch watch, bool bookmarks, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(BookmarkPeriod, clock);
        var tick = timer.WaitForNextTickAsync(ct).AsTask();
        var available = watch.Events.WaitToReadAsync(ct).AsTask();
        while (true)
        {
            await Task.WhenAny(available, tick).ConfigureAwait(false);
            if (available.IsCompleted)
            {
                if (!await available.ConfigureAwait(false)) return;
                while (watch.Events.TryRead(out var written)) stream.Write(written);
                await stream.FlushAsync(ct).ConfigureAwait(false);
                available = watch.Events.WaitToReadAsync(ct).AsTask();
                continue;
            }
            await tick.ConfigureAwait(false);
            tick = timer.WaitForNextTickAsync(ct).AsTask();
            // the store publishes a write before its revision can be read, so an empty queue has seen everything up to it
            var revision = store.Revision;
            if (bookmarks && !available.IsCompleted && watch.Events.Count == 0)
            {
                await stream.WriteBookmarkAsync(revision, initialEnd: false, ct).ConfigureAwait(false);
            }
        }
    }
}
