using System.Diagnostics.Metrics;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>What the web servers of this process are busy with, by their own count from the listener's start on.</summary>
internal sealed class ServerLoad : IDisposable
{
    private const string ActiveConnections = "kestrel.active_connections";
    private const string ActiveRequests = "http.server.active_requests";

    private readonly MeterListener _meters = new();
    private long _requests;
    private long _connections;

    public ServerLoad()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is ActiveConnections or ActiveRequests)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Interlocked.Add(ref instrument.Name == ActiveRequests ? ref _requests : ref _connections, value));
        _meters.Start();
    }

    public long Requests => Interlocked.Read(ref _requests);

    public long Connections => Interlocked.Read(ref _connections);

    public void Dispose() => _meters.Dispose();
}
