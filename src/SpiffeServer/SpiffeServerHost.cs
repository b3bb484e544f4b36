using Castellan.KubeClient;
using Castellan.SpiffeIdentity;
using Castellan.SpiffeServer.Federation;
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
    private readonly Task _rotation;
    private readonly Stack<IAsyncDisposable> _parts;

    private SpiffeServerHost(Authority authority, Stack<IAsyncDisposable> parts, ILogger logger, TimeProvider clock)
    {
        Authority = authority;
        _parts = parts;
        _logger = logger;
        _clock = clock;
        _rotation = RotateAsync(_stop.Token);
    }

    /// <summary>Issues SVIDs and publishes the bundle.</summary>
    public Authority Authority { get; }

    /// <summary>URL of the bundle endpoint; null when none is served.</summary>
    public Uri? BundleEndpointAddress => _parts.OfType<BundleEndpoint>().FirstOrDefault()?.Address;

    /// <summary>Where agents in pods are served; null when none are.</summary>
    public Uri? PodApiAddress => _parts.OfType<PodEndpoint>().FirstOrDefault()?.Address;

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
        var parts = new Stack<IAsyncDisposable>();
        try
        {
            await StartPartsAsync(authority, options, kube, (parts, loggers), ct).ConfigureAwait(false);
            var logger = loggers.CreateLogger<SpiffeServerHost>();
            LogOpened(logger, authority.TrustDomain, authority.Bundle.Sequence ?? 0);
            return new(authority, parts, logger, clock);
        }
        catch
        {
            await StopAsync(parts).ConfigureAwait(false);
            authority.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _rotation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopAsync(_parts).ConfigureAwait(false);
        Authority.Dispose();
        _stop.Dispose();
    }

    private static async Task StartPartsAsync(
        Authority authority, SpiffeServerOptions options, KubeConnection? kube, (Stack<IAsyncDisposable> Parts, ILoggerFactory Loggers) into, CancellationToken ct)
    {
        var (parts, loggers) = into;
        if (options.BundleEndpoint.Length > 0)
        {
            parts.Push(await BundleEndpoint.StartAsync(authority, options, loggers, ct).ConfigureAwait(false));
        }

        if (options.OperatorSocket.Length > 0)
        {
            parts.Push(await OperatorEndpoint.StartAsync(authority, options.OperatorSocket, loggers, ct).ConfigureAwait(false));
        }

        if (kube is not null)
        {
            parts.Push(FederationLoop.Start(authority, options, kube, loggers));
        }

        if (options.PodApi.Length > 0 && kube is not null)
        {
            parts.Push(await PodEndpoint.StartAsync(authority, options, kube, loggers, ct).ConfigureAwait(false));
            parts.Push(TrustPublisher.Start(authority, kube, loggers));
        }
    }

    private static async Task StopAsync(Stack<IAsyncDisposable> parts)
    {
        while (parts.TryPop(out var part))
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }
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
