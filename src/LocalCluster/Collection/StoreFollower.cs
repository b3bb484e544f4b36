using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Store;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Collection;

/// <summary>Reacts to every committed write of a resource (of all when null), in order, from the current state on.</summary>
internal abstract partial class StoreFollower(ObjectStore store, string? resource, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    /// <summary>Handles what is there, then goes on in the background.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        var (items, watch) = store.ListAndWatch(resource, null);
        await SeedAsync(items, ct).ConfigureAwait(false);
        running = Task.Run(() => FollowAsync(watch, stopping.Token), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
    }

    /// <summary>Takes the whole current state; called again when events were missed.</summary>
    protected abstract Task SeedAsync(StoredObject[] items, CancellationToken ct);

    protected abstract Task HandleAsync(StoreEvent written, CancellationToken ct);

    private async Task FollowAsync(StoreWatch watch, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                using (watch)
                {
                    await foreach (var written in watch.Events.ReadAllAsync(ct).ConfigureAwait(false))
                    {
                        await AttemptAsync(() => HandleAsync(written, ct), written.Object.Key).ConfigureAwait(false);
                    }
                }
                if (ct.IsCancellationRequested || store.IsClosed) return;
                (var items, watch) = store.ListAndWatch(resource, null);
                await AttemptAsync(() => SeedAsync(items, ct), default).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // stopping
        }
        catch (ObjectDisposedException) when (store.IsClosed)
        {
            // the store closed first
        }
    }

    private async Task AttemptAsync(Func<Task> step, ObjectKey key)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ApiException or IOException or System.Text.Json.JsonException or InvalidOperationException and not ObjectDisposedException)
        {
            LogStepFailed(logger, e, key);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A step about {Object} failed; the next write to it tries again")]
    private static partial void LogStepFailed(ILogger logger, Exception error, ObjectKey @object);
}
