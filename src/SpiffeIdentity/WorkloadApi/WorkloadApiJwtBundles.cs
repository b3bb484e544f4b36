using System.Collections.Frozen;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeIdentity;

/// <summary>The keys that verify tokens, kept current by the Workload API's stream.</summary>
public sealed partial class WorkloadApiJwtBundles : IJwtBundleSource, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly WorkloadApiClient _client;
    private readonly ILogger _logger;
    private readonly Task _running;
    private volatile FrozenDictionary<TrustDomain, TrustBundle> _bundles = FrozenDictionary<TrustDomain, TrustBundle>.Empty;

    /// <summary>Begins to fetch and keeps what comes until disposed.</summary>
    /// <param name="client">The Workload API; disposed with this.</param>
    /// <param name="logger">Told of every failure.</param>
    public WorkloadApiJwtBundles(WorkloadApiClient client, ILogger<WorkloadApiJwtBundles> logger)
    {
        (_client, _logger) = (client, logger);
        _running = RunAsync(_stop.Token);
    }

    /// <inheritdoc />
    public TrustBundle? Find(TrustDomain trustDomain) => _bundles.GetValueOrDefault(trustDomain);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await foreach (var bundles in _client.WatchJwtBundlesAsync(problem => LogProblem(_logger, _client.Address.Text, problem.Message), ct).ConfigureAwait(false))
            {
                _bundles = bundles.ToFrozenDictionary();
            }
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogEnded(_logger, _client.Address.Text, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No keys of tokens from {Address} now, trying again: {Problem}")]
    private static partial void LogProblem(ILogger logger, string address, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Address} does not speak the Workload API; no token will be believed")]
    private static partial void LogEnded(ILogger logger, string address, Exception exception);
}
