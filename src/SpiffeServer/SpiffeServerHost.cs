using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Castellan.SpiffeServer;

/// <summary>The authority as a running thing: keys on disk, rotation in time, and the bundle endpoint if one is asked for.</summary>
/// <remarks>Local mode composes it into the daemon; <c>Program</c> runs it alone.</remarks>
public sealed partial class SpiffeServerHost : IAsyncDisposable
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Task _rotation;
    private readonly BundleEndpoint? _endpoint;

    private SpiffeServerHost(Authority authority, BundleEndpoint? endpoint, ILogger logger, TimeProvider clock)
    {
        Authority = authority;
        _endpoint = endpoint;
        _logger = logger;
        _clock = clock;
        _rotation = RotateAsync(_stop.Token);
    }

    /// <summary>Issues SVIDs and publishes the bundle.</summary>
    public Authority Authority { get; }

    /// <summary>URL of the bundle endpoint; null when none is served.</summary>
    public Uri? BundleEndpointAddress => _endpoint?.Address;

    /// <summary>Opens the keys (or makes them the first time), starts rotation and the bundle endpoint.</summary>
    /// <param name="options">Checked here, so that a composer need not.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="clock">Clock of validities and rotation.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="OptionsValidationException">The options have faults.</exception>
    /// <exception cref="AuthorityStateException">The key file is damaged, readable by others or another trust domain's.</exception>
    public static async Task<SpiffeServerHost> StartAsync(SpiffeServerOptions options, ILoggerFactory loggers, TimeProvider clock, CancellationToken ct)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new OptionsValidationException(SpiffeServerOptions.Section, typeof(SpiffeServerOptions), faults);
        }

        var authority = await Authority.OpenAsync(
            new()
            {
                TrustDomain = TrustDomain.Parse(options.TrustDomain),
                DataDirectory = options.DataDirectory,
                X509SvidTtl = TimeSpan.FromSeconds(options.X509SvidTtlSeconds),
                TimeProvider = clock,
            },
            ct).ConfigureAwait(false);
        try
        {
            var endpoint = options.BundleEndpoint.Length > 0 ? await BundleEndpoint.StartAsync(authority, options, loggers, ct).ConfigureAwait(false) : null;
            var logger = loggers.CreateLogger<SpiffeServerHost>();
            LogOpened(logger, authority.TrustDomain, authority.Bundle.Sequence ?? 0);
            return new(authority, endpoint, logger, clock);
        }
        catch
        {
            authority.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _rotation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_endpoint is not null)
        {
            await _endpoint.DisposeAsync().ConfigureAwait(false);
        }

        Authority.Dispose();
        _stop.Dispose();
    }

    private async Task RotateAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await Authority.RunAsync(ct).ConfigureAwait(false);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogRotationFailed(_logger, Authority.TrustDomain, e); // the keys in force last for hours: try again
            }

            await Task.Delay(s_retryAfter, _clock, ct).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Authority of {TrustDomain} is open at bundle sequence {Sequence}")]
    private static partial void LogOpened(ILogger logger, TrustDomain trustDomain, long sequence);

    [LoggerMessage(Level = LogLevel.Error, Message = "Authority of {TrustDomain} could not change its keys; the ones in force go on, trying again")]
    private static partial void LogRotationFailed(ILogger logger, TrustDomain trustDomain, Exception exception);
}
