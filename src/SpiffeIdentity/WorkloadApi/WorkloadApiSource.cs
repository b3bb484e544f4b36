using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>This process's identity, kept current by the Workload API's stream.</summary>
public sealed partial class WorkloadApiSource : IX509Source, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly WorkloadApiClient _client;
    private readonly X509SourceState _state;
    private readonly ILogger _logger;
    private readonly Task _running;

    private WorkloadApiSource(WorkloadApiClient client, ILogger logger)
    {
        _client = client;
        _logger = logger;
        _state = new(client.Address.Text, client.Clock);
        _running = RunAsync(_stop.Token);
    }

    /// <inheritdoc />
    public X509Context Current => _state.Current;

    /// <inheritdoc />
    public bool IsReady => _state.IsReady;

    /// <inheritdoc />
    public IChangeToken ChangeToken => _state.ChangeToken;

    /// <summary>Begins to fetch; <see cref="Current"/> throws until the first SVID has come.</summary>
    /// <param name="client">The Workload API; disposed with the source.</param>
    /// <param name="logger">Told of every SVID and every failure; null logs nothing.</param>
    public static WorkloadApiSource Open(WorkloadApiClient client, ILogger? logger = null) => new(client, logger ?? NullLogger.Instance);

    /// <summary>Begins to fetch and waits for the first SVID.</summary>
    /// <param name="client">The Workload API; disposed with the source.</param>
    /// <param name="logger">Told of every SVID and every failure; null logs nothing.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="SvidUnavailableException"><paramref name="ct"/> ended the wait; the message says what went wrong last.</exception>
    public static async Task<WorkloadApiSource> StartAsync(WorkloadApiClient client, ILogger? logger, CancellationToken ct)
    {
        var source = Open(client, logger);
        try
        {
            await source.WaitForFirstAsync(ct).ConfigureAwait(false);
            return source;
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for the first SVID.</summary>
    /// <exception cref="SvidUnavailableException"><paramref name="ct"/> ended the wait; the message says what went wrong last.</exception>
    public Task WaitForFirstAsync(CancellationToken ct) => _state.WaitForFirstAsync(ct);

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
            await foreach (var context in _client.WatchX509Async(Report, ct).ConfigureAwait(false))
            {
                _state.Replace(context);
                LogReplaced(_logger, context.Svid.Id, context.Svid.NotAfter);
            }
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            _state.Report(e.Message);
            LogEnded(_logger, _client.Address.Text, e);
        }
    }

    private void Report(Exception problem)
    {
        _state.Report(problem.Message);
        LogProblem(_logger, _client.Address.Text, problem.Message);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Identity is {SpiffeId}, valid until {NotAfter:O}")]
    private static partial void LogReplaced(ILogger logger, SpiffeId spiffeId, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No identity from {Address} now, trying again: {Problem}")]
    private static partial void LogProblem(ILogger logger, string address, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Address} does not speak the Workload API; no identity will come")]
    private static partial void LogEnded(ILogger logger, string address, Exception exception);
}
