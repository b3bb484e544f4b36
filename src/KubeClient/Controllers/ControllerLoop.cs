using Castellan.KubeApi;
using Castellan.KubeClient.Informers;
using Castellan.KubeClient.WorkQueue;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.KubeClient.Controllers;

/// <summary>Runs a reconciler: keys come from informers, are de-duplicated, and come again after a failure.</summary>
/// <typeparam name="T">Kind that is reconciled.</typeparam>
public sealed partial class ControllerLoop<T> : IDisposable where T : KubeObject
{
    private readonly IReconciler<T> _reconciler;
    private readonly ControllerOptions _options;
    private readonly ILogger _log;
    private readonly WorkQueue<NamespacedName> _queue;
    private readonly List<Func<CancellationToken, Task>> _caches = [];
    private readonly List<IDisposable> _subscriptions = [];
    private readonly string _kind = KubeResource.Of<T>().Kind;
    private readonly string _name = KubeResource.Of<T>().Kind.ToLowerInvariant();

    /// <summary>A loop that has no keys yet: name its informers, then run it.</summary>
    public ControllerLoop(IReconciler<T> reconciler, TimeProvider time, ControllerOptions? options = null, ILogger? log = null)
    {
        (_reconciler, _options, _log) = (reconciler, options ?? new ControllerOptions(), log ?? NullLogger.Instance);
        _queue = new WorkQueue<NamespacedName>(time, _options.Backoff, _name);
    }

    /// <summary>Reconciles each object of this informer when it changes.</summary>
    public ControllerLoop<T> For(Informer<T> informer) => Watches(informer, static o => [o.Key]);

    /// <summary>Reconciles the owner (of kind <typeparamref name="T"/>, by controller reference) when a child changes.</summary>
    public ControllerLoop<T> Owns<TChild>(Informer<TChild> informer) where TChild : KubeObject => Watches(informer, child =>
        child.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller is true && o.Kind == _kind) is { } owner
            ? [new NamespacedName(child.Metadata.Namespace ?? "", owner.Name)]
            : []);

    /// <summary>Reconciles the keys that <paramref name="map"/> names when another object changes; called with the state before the change too.</summary>
    public ControllerLoop<T> Watches<TOther>(Informer<TOther> informer, Func<TOther, IEnumerable<NamespacedName>> map) where TOther : KubeObject
    {
        _caches.Add(informer.WaitForSyncAsync);
        _subscriptions.Add(informer.Subscribe(e =>
        {
            foreach (var key in map(e.Object)) _queue.Add(key);
            if (e.Old is { } old && !ReferenceEquals(old, e.Object))
                foreach (var key in map(old)) _queue.Add(key);
        }));
        return this;
    }

    /// <summary>Adds a key by hand, for what no informer sees.</summary>
    public void Enqueue(NamespacedName key) => _queue.Add(key);

    /// <summary>Waits for the informers' first lists, then works until cancelled; the reconciles under way end first.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await Task.WhenAll(_caches.Select(wait => wait(ct)));
            await Task.WhenAll(Enumerable.Range(0, _options.Workers).Select(_ => WorkAsync(ct)));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    /// <summary>Lets go of the informers and the queue.</summary>
    public void Dispose()
    {
        foreach (var subscription in _subscriptions) subscription.Dispose();
        _queue.Dispose();
    }

    private async Task WorkAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var key = await _queue.TakeAsync(ct);
            try
            {
                await ReconcileAsync(key, ct);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task ReconcileAsync(NamespacedName key, CancellationToken ct)
    {
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        string outcome;
        try
        {
            var result = await _reconciler.ReconcileAsync(key, ct);
            _queue.Forget(key);
            if (result.RequeueAfter is { } delay) _queue.AddAfter(key, delay);
            outcome = result.RequeueAfter is null ? "success" : "requeue_after";
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw;
        }
        catch (TerminalReconcileException e)
        {
            _queue.Forget(key);
            LogGivenUp(_kind, key, e.Message);
            outcome = "terminal";
        }
        catch (KubeException e) when (e.IsConflict)
        {
            // Our copy was old; the newer one is on its way.
            LogConflict(_kind, key, _queue.AddWithBackoff(key).TotalMilliseconds);
            outcome = "conflict";
        }
        catch (Exception e)
        {
            var delay = _queue.AddWithBackoff(key);
            LogFailed(e, _kind, key, _queue.Failures(key), delay.TotalMilliseconds);
            outcome = "error";
        }

        ReconcileMetrics.Ended(_name, began, outcome);
    }
}
