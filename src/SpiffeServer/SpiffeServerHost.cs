using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Operators;
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
    private readonly OperatorEndpoint? _operators;

    private SpiffeServerHost(Authority authority, BundleEndpoint? endpoint, OperatorEndpoint? operators, ILogger logger, TimeProvider clock)
    {
        Authority = authority;
        _endpoint = endpoint;
        _operators = operators;
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
    /// <exception cref="AuthorityStateException">The key file is damaged, readable by others, sealed otherwise or another trust domain's.</exception>
    /// <exception cref="UpstreamAuthorityException">The upstream CA cannot sign.</exception>
    public static async Task<SpiffeServerHost> StartAsync(SpiffeServerOptions options, ILoggerFactory loggers, TimeProvider clock, CancellationToken ct)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new OptionsValidationException(SpiffeServerOptions.Section, typeof(SpiffeServerOptions), faults);
        }

        var authority = await Authority.OpenAsync(AuthorityOf(options, clock), ct).ConfigureAwait(false);
        BundleEndpoint? endpoint = null;
        try
        {
            endpoint = options.BundleEndpoint.Length > 0 ? await BundleEndpoint.StartAsync(authority, options, loggers, ct).ConfigureAwait(false) : null;
            var operators = options.OperatorSocket.Length > 0 ? await OperatorEndpoint.StartAsync(authority, options.OperatorSocket, loggers, ct).ConfigureAwait(false) : null;
            var logger = loggers.CreateLogger<SpiffeServerHost>();
            LogOpened(logger, authority.TrustDomain, authority.Bundle.Sequence ?? 0);
            return new(authority, endpoint, operators, logger, clock);
        }
        catch
        {
            if (endpoint is not null)
            {
                await endpoint.DisposeAsync().ConfigureAwait(false);
            }

            authority.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _rotation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_operators is not null)
        {
            await _operators.DisposeAsync().ConfigureAwait(false);
        }

        if (_endpoint is not null)
        {
            await _endpoint.DisposeAsync().ConfigureAwait(false);
        }

        Authority.Dispose();
        _stop.Dispose();
    }

    private static AuthorityOptions AuthorityOf(SpiffeServerOptions options, TimeProvider clock) => new()
    {
        TrustDomain = TrustDomain.Parse(options.TrustDomain),
        DataDirectory = options.DataDirectory,
        KeyEncryptionKey = options.KeyEncryptionKeyFile.Length > 0 ? KeyEncryptionKey.Read(options.KeyEncryptionKeyFile) : null,
        KeyType = options.KeyType,
        SvidKeyType = options.SvidKeyType,
        Upstream = options.Upstream,
        Denials = DenialList.Open(Path.Combine(options.DataDirectory, "denied.txt")),
        X509SvidTtl = TimeSpan.FromSeconds(options.X509SvidTtlSeconds),
        TimeProvider = clock,
    };

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
