using System.Net;
using System.Net.Sockets;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Events;
using Castellan.KubeClient.Informers;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Services;

/// <summary>Answers on the address of every Service and passes connections on to ready pods, as kube-proxy does; TCP, on loopback only.</summary>
internal sealed partial class ServiceForwarder : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(NamespacedName Service, IPEndPoint Address), ServicePortListener> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _closing = [];
    private readonly Informer<Service> _services;
    private readonly Informer<KubeApi.Core.Endpoints> _endpoints;
    private readonly EventRecorder _events;
    private readonly ILogger _log;
    private readonly Task _running;

    private ServiceForwarder(KubeConnection kube, ILogger log)
    {
        _log = log;
        _events = new EventRecorder(kube, "kube-proxy", log: log);
        (_services, _endpoints) = (new Informer<Service>(kube, log: log), new Informer<KubeApi.Core.Endpoints>(kube, log: log));
        _services.Subscribe(e => Follow(e.Object, e.Type == InformerEventType.Deleted));
        _running = Task.WhenAll(_services.RunAsync(_stop.Token), _endpoints.RunAsync(_stop.Token));
    }

    /// <summary>Serves the Services there are, then follows their changes.</summary>
    public static async Task<ServiceForwarder> StartAsync(KubeConnection kube, ILogger log, CancellationToken ct)
    {
        var forwarder = new ServiceForwarder(kube, log);
        await forwarder._services.WaitForSyncAsync(ct);
        await forwarder._endpoints.WaitForSyncAsync(ct);
        return forwarder;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        List<Task> all;
        lock (_gate)
        {
            all = [.. _closing, .. _listeners.Values.Select(l => l.DisposeAsync().AsTask())];
            _listeners.Clear();
        }
        await Task.WhenAll(all);
        await _events.DisposeAsync();
        _stop.Dispose();
    }

    private void Follow(Service service, bool isGone)
    {
        var wanted = new HashSet<(NamespacedName, IPEndPoint)>();
        // Whatever a Service says, nothing of a local cluster may listen beyond this machine.
        if (!isGone && IPAddress.TryParse(service.Spec.ClusterIP, out var address) && IPAddress.IsLoopback(address))
        {
            foreach (var port in (service.Spec.Ports ?? []).Where(p => p.Protocol is null or "TCP"))
            {
                var key = (service.Key, new IPEndPoint(address, port.Port));
                wanted.Add(key);
                Open(service, key, port);
            }
        }
        lock (_gate)
        {
            foreach (var old in _listeners.Keys.Where(k => k.Service == service.Key && !wanted.Contains(k)).ToList())
            {
                _listeners.Remove(old, out var listener);
                _closing.RemoveAll(t => t.IsCompletedSuccessfully);
                _closing.Add(listener!.DisposeAsync().AsTask());
            }
        }
    }

    private void Open(Service service, (NamespacedName Service, IPEndPoint Address) key, ServicePort port)
    {
        lock (_gate)
        {
            if (_listeners.ContainsKey(key)) return;
            try
            {
                _listeners[key] = new ServicePortListener(key.Address, () => Ready(key.Service, port.Name), _log);
            }
            catch (SocketException e)
            {
                var hint = key.Address.Port < 1024 ? "ports below 1024 need root; use a higher port" : "stop what uses it";
                LogCannotListen(_log, key.Service, key.Address, e.Message);
                _events.Record(service, EventType.Warning, "CannotListen", $"cannot listen on {key.Address}: {e.Message}; {hint}");
            }
        }
    }

    /// <summary>Where a connection may go now.</summary>
    private List<IPEndPoint> Ready(NamespacedName service, string? portName) =>
    [
        .. (_endpoints.Find(service)?.Subsets ?? []).SelectMany(s =>
            (s.Ports ?? []).Where(p => (p.Name ?? "") == (portName ?? "") && p.Port > 0)
                .SelectMany(p => (s.Addresses ?? []).Select(a => new IPEndPoint(IPAddress.Parse(a.Ip), p.Port!.Value)))),
    ];

    [LoggerMessage(Level = LogLevel.Warning, Message = "Service {Service} cannot be served on {Address}: {Problem}")]
    private static partial void LogCannotListen(ILogger log, NamespacedName service, IPEndPoint address, string problem);
}
