using Castellan.KubeApi;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.KubeClient.Informers;

/// <summary>Informers that several controllers share: one per kind and selection.</summary>
public sealed class InformerSet(KubeConnection kube, ILoggerFactory? logs = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(Type, InformerOptions), IInformer> _informers = [];
    private bool _running;

    /// <summary>The informer of a kind; made at the first call.</summary>
    /// <exception cref="InvalidOperationException">It is new and the set runs already.</exception>
    public Informer<T> For<T>(InformerOptions? options = null) where T : KubeObject
    {
        var selection = options ?? new InformerOptions();
        lock (_gate)
        {
            if (_informers.TryGetValue((typeof(T), selection), out var known)) return (Informer<T>)known;
            if (_running) throw new InvalidOperationException($"the informer of {typeof(T).Name} is asked for after the set began to run; ask before");
            var informer = new Informer<T>(kube, selection, logs?.CreateLogger<Informer<T>>() ?? (ILogger)NullLogger.Instance);
            _informers[(typeof(T), selection)] = informer;
            return informer;
        }
    }

    /// <summary>Waits for the first lists of all.</summary>
    public Task WaitForSyncAsync(CancellationToken ct)
    {
        lock (_gate) return Task.WhenAll(_informers.Values.Select(i => i.WaitForSyncAsync(ct)));
    }

    /// <summary>Runs all until cancelled.</summary>
    public Task RunAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            _running = true;
            return Task.WhenAll(_informers.Values.Select(i => i.RunAsync(ct)));
        }
    }
}
