using System.Diagnostics.Metrics;
using Castellan.SpiffeIdentity;
using Castellan.Telemetry;
using Castellan.Telemetry.Metrics;
using Microsoft.Extensions.Hosting;

namespace Castellan.ServiceDefaults.Identity;

/// <summary>Measures when this process' SVID expires, while the host runs: an alert on it comes before anything breaks.</summary>
/// <param name="source">The identity.</param>
public sealed class SvidExpiry(IX509Source source) : IHostedService, IDisposable
{
    private IDisposable? _gauge;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _gauge = CastellanMeter.Gauge(MetricTable.SvidExpiry, Read);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _gauge?.Dispose();

    private IEnumerable<Measurement<double>> Read()
    {
        try
        {
            var svid = source.Current.Svid;
            return [new(svid.NotAfter.ToUnixTimeSeconds(), new KeyValuePair<string, object?>(SemanticNames.SpiffeId, svid.Id.ToString()))];
        }
        catch (SvidUnavailableException)
        {
            return []; // readiness says so
        }
    }
}
