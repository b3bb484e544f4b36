using Castellan.KubeClient;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Exchange;
using Castellan.SpiffeServer.Federation;
using Castellan.SpiffeServer.Oidc;
using Castellan.SpiffeServer.Operators;
using Castellan.SpiffeServer.Pods;
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
    private readonly Stack<IAsyncDisposable> _parts = new();
    private bool _isDisposed;
    private Task _rotation = Task.CompletedTask;
    private ServerEndpoint? _bundles;
    private ServerEndpoint? _oidc;
    private ServerEndpoint? _tokens;
    private ServerEndpoint? _pods;

    private SpiffeServerHost(Authority authority, ILogger logger, TimeProvider clock) => (Authority, _logger, _clock) = (authority, logger, clock);

    /// <summary>Issues SVIDs and publishes the bundle.</summary>
    public Authority Authority { get; }

    /// <summary>URL of the bundle endpoint; null when none is served.</summary>
    public Uri? BundleEndpointAddress => _bundles?.Address;

    /// <summary>URL of the OpenID discovery endpoint; null when none is served.</summary>
    public Uri? OidcAddress => _oidc?.Address;

    /// <summary>URL of the token endpoint; null when none is served.</summary>
    public Uri? TokenEndpointAddress => _tokens is { } tokens ? new Uri(tokens.Address, ExchangeProtocol.Path) : null;

    /// <summary>Where agents in pods are served; null when none are.</summary>
    public Uri? PodApiAddress => _pods?.Address;

    /// <summary>Who answers at these endpoints.</summary>
    public required SpiffeId EndpointId { get; init; }

    /// <summary>Opens the keys (or makes them the first time), starts rotation and the bundle endpoint.</summary>
    /// <param name="options">Checked here, so that a composer need not.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="clock">Clock of validities and rotation.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="OptionsValidationException">The options have faults.</exception>
    /// <exception cref="AuthorityStateException">The key file is damaged, readable by others, sealed otherwise or another trust domain's.</exception>
    /// <exception cref="UpstreamAuthorityException">The upstream CA cannot sign.</exception>
    public static Task<SpiffeServerHost> StartAsync(SpiffeServerOptions options, ILoggerFactory loggers, TimeProvider clock, CancellationToken ct) =>
        StartAsync(options, null, loggers, clock, ct);

    /// <summary>Opens the keys and serves all that the options ask for, in a cluster.</summary>
    /// <param name="options">Checked here, so that a composer need not.</param>
    /// <param name="kube">The cluster that FederatedTrustDomains are read from and pods' tokens are reviewed by; null without one. The caller disposes it.</param>
    /// <param name="loggers">Where to log.</param>
    /// <param name="clock">Clock of validities and rotation.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="OptionsValidationException">The options have faults.</exception>
    /// <exception cref="AuthorityStateException">The key file is damaged, readable by others, sealed otherwise or another trust domain's.</exception>
    /// <exception cref="UpstreamAuthorityException">The upstream CA cannot sign.</exception>
    public static async Task<SpiffeServerHost> StartAsync(SpiffeServerOptions options, KubeConnection? kube, ILoggerFactory loggers, TimeProvider clock, CancellationToken ct)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new OptionsValidationException(SpiffeServerOptions.Section, typeof(SpiffeServerOptions), faults);
        }

        var authority = await Authority.OpenAsync(AuthorityOf(options, clock), ct).ConfigureAwait(false);
        var host = new SpiffeServerHost(authority, loggers.CreateLogger<SpiffeServerHost>(), clock) { EndpointId = SpiffeId.FromPath(authority.TrustDomain, options.EndpointIdPath) };
        try
        {
            await host.StartPartsAsync(options, kube, loggers, ct).ConfigureAwait(false);
            LogOpened(host._logger, authority.TrustDomain, authority.Bundle.Sequence ?? 0);
            host._rotation = host.RotateAsync(host._stop.Token);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _rotation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }

        Authority.Dispose();
        _stop.Dispose();
    }

    private async Task StartPartsAsync(SpiffeServerOptions options, KubeConnection? kube, ILoggerFactory loggers, CancellationToken ct)
    {
        if (options.BundleEndpoint.Length > 0)
        {
            _bundles = Own(await BundleEndpoint.StartAsync(Authority, options, loggers, ct).ConfigureAwait(false));
        }

        if (options.Oidc.Endpoint.Length > 0)
        {
            _oidc = Own(await OidcEndpoint.StartAsync(Authority, options, loggers, ct).ConfigureAwait(false));
        }

        if (options.Exchange.Endpoint.Length > 0)
        {
            _tokens = Own(await TokenEndpoint.StartAsync(Authority, options, loggers, ct).ConfigureAwait(false));
        }

        if (options.OperatorSocket.Length > 0)
        {
            Own(await OperatorEndpoint.StartAsync(Authority, options.OperatorSocket, loggers, ct).ConfigureAwait(false));
        }

        if (kube is not null)
        {
            Own(FederationLoop.Start(Authority, options, kube, loggers));
        }

        if (options.PodApi.Length > 0 && kube is not null)
        {
            _pods = Own(await PodEndpoint.StartAsync(Authority, options, kube, loggers, ct).ConfigureAwait(false));
            Own(TrustPublisher.Start(Authority, kube, loggers));
        }
    }

    private T Own<T>(T part) where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
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
        Issuer = options.Oidc.Issuer.Length > 0 ? options.Oidc.Issuer : null,
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
