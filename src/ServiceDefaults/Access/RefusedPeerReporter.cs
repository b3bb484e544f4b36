using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.ServiceDefaults.Access;

/// <summary>
/// Tells the gateway whom this host's listener turned away, so that it stands in the audit log. Peers that come again and again are counted,
/// not repeated; while the gateway is away the counts are kept.
/// </summary>
/// <param name="gateway">The gateway's workload listener, over mutual TLS.</param>
/// <param name="clock">Clock of the pauses.</param>
/// <param name="log">Told when a report does not arrive.</param>
public sealed partial class RefusedPeerReporter(HttpClient gateway, TimeProvider clock, ILogger<RefusedPeerReporter> log) : BackgroundService
{
    // Whoever knocks with ever new certificates fills neither the memory nor the log.
    private const int MostWaiting = RefusedPeerReport.MostPeers;
    private static readonly TimeSpan s_betweenReports = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(5);
    private static readonly RefusedPeerEntry s_others = new(null, null, "further peers were refused", 0);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _news = new(0, 1);
    private Dictionary<(string?, string?, string), int> _waiting = [];
    private int _more;

    /// <summary>Takes a refusal; returns at once.</summary>
    public void Take(RefusedPeer refused)
    {
        var key = (refused.Peer?.ToString(), (refused.Remote as IPEndPoint)?.Address.ToString(), refused.Reason);
        lock (_gate)
        {
            if (_waiting.TryGetValue(key, out var times) || _waiting.Count < MostWaiting - 1) _waiting[key] = times + 1;
            else _more++;
            if (_news.CurrentCount == 0) _news.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _news.WaitAsync(stoppingToken).ConfigureAwait(false);
            var report = Collect();
            while (report.Peers.Count > 0 && !await TrySendAsync(report, stoppingToken).ConfigureAwait(false))
            {
                await Task.Delay(s_afterFailure, clock, stoppingToken).ConfigureAwait(false);
            }

            await Task.Delay(s_betweenReports, clock, stoppingToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        gateway.Dispose();
        _news.Dispose();
        base.Dispose();
    }

    private RefusedPeerReport Collect()
    {
        lock (_gate)
        {
            var entries = _waiting.Select(w => new RefusedPeerEntry(w.Key.Item1, w.Key.Item2, w.Key.Item3, w.Value)).ToList();
            if (_more > 0) entries.Add(s_others with { Times = _more });
            (_waiting, _more) = ([], 0);
            return new(entries);
        }
    }

    private async Task<bool> TrySendAsync(RefusedPeerReport report, CancellationToken ct)
    {
        try
        {
            using var answer = await gateway.PostAsJsonAsync(RefusedPeerReport.Path, report, JsonSerializerOptions.Web, ct).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode) return true;
            NotReported(log, $"the gateway answers HTTP {(int)answer.StatusCode}");
            return (int)answer.StatusCode < 500; // what it does not take now it takes never
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException or SvidUnavailableException)
        {
            NotReported(log, e.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Peers that were refused could not be reported for the audit log: {Reason}")]
    private static partial void NotReported(ILogger logger, string reason);
}
