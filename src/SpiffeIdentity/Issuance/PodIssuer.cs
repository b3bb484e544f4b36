using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire.Issuance;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Gets the identity of this pod from the authority's server: keys are made here and stay here, certificates and tokens come from there.</summary>
/// <remarks>
/// A stream from the server says who we are and whom to believe, and ends when we are denied. While the server is away, the last
/// SVID goes on until it expires.
/// </remarks>
public sealed partial class PodIssuer : ISvidIssuer, IWorkloadAttestor, IAsyncDisposable
{
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(20);
    private readonly PodIssuerOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly GrpcChannel _channel;
    private readonly ServerTrust _trust;
    private readonly Task _running;
    private volatile Known _known = new(null, [], IsDenied: false, StatusCode.Unavailable, "the server has not answered yet; retry");
    private volatile IssuedX509Svid? _last;
    private CancellationTokenSource _changed = new();

    private PodIssuer(PodIssuerOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _trust = new(options.ServerId.TrustDomain, options.BundleFile);
        var handler = SpiffeTls.CreateHandler(() => _trust.Bundles, SpiffeAuthorizer.Exactly(options.ServerId), options.TimeProvider);
        _channel = new(handler, options.Server);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>The SPIFFE ID of this pod; null while the server has not said.</summary>
    public SpiffeId? Identity => _known.Identity;

    /// <summary>Null while all is well, else what keeps SVIDs from being issued.</summary>
    public string? Problem => _known.Problem;

    TimeProvider ISvidIssuer.Clock => _options.TimeProvider;

    IReadOnlyList<TrustBundle> ISvidIssuer.Bundles => _known.Bundles;

    IChangeToken ISvidIssuer.BundleChange => Change;

    IChangeToken ISvidIssuer.DenialChange => Change;

    private IChangeToken Change => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>Begins to talk to the server, and goes on until disposed.</summary>
    /// <param name="options">Where the server is and what proves this pod.</param>
    /// <param name="logger">Told of every failure.</param>
    public static PodIssuer Open(PodIssuerOptions options, ILogger logger) => new(options, logger);

    /// <summary>Every process that reaches this pod's socket is the pod.</summary>
    /// <exception cref="RpcException">Unavailable: the server has not answered yet. PermissionDenied: it refuses this pod.</exception>
    public ValueTask<IReadOnlyList<WorkloadIdentity>> AttestAsync(WorkloadProcess process, CancellationToken ct) => _known switch
    {
        { Identity: { } id } => ValueTask.FromResult<IReadOnlyList<WorkloadIdentity>>([new(id)]),
        var known => throw new RpcException(known.Status, known.Problem!),
    };

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channel.Dispose();
        _stop.Dispose();
    }

    bool ISvidIssuer.Denies(SpiffeId id) => _known.IsDenied;

    async ValueTask<IssuedX509Svid> ISvidIssuer.IssueX509Async(WorkloadIdentity identity, CancellationToken ct)
    {
        using var key = _options.KeyType.NewKey();
        var request = new SignX509Request { Csr = UnsafeByteOperations.UnsafeWrap(SigningRequest.Write(key, identity.Id)) };
        try
        {
            var response = await CallAsync(IssuanceMethods.SignX509, request, ct).ConfigureAwait(false);
            var pkcs8 = key.ExportPkcs8PrivateKey();
            var svid = X509Svid.Parse(response.Chain.Span, pkcs8, identity.Hint); // holds what came to the standard, and the key to the certificate
            if (svid.Id != identity.Id)
            {
                throw new RpcException(StatusCode.Unavailable, $"the server signed {svid.Id} for {identity.Id}; it is at fault");
            }

            return _last = new(svid.Id, response.Chain.ToByteArray(), pkcs8, svid.NotAfter, identity.Hint);
        }
        catch (X509SvidException e)
        {
            throw new RpcException(StatusCode.Unavailable, $"the server sent no SVID: {e.Message}", e);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && _last is { } last && last.Id == identity.Id && last.NotAfter > _options.TimeProvider.GetUtcNow())
        {
            LogKept(_logger, last.Id, last.NotAfter, e.Message);
            return last with { Hint = identity.Hint };
        }
    }

    async ValueTask<string> ISvidIssuer.IssueJwtAsync(SpiffeId id, IReadOnlyList<string> audience, CancellationToken ct)
    {
        var request = new SignJwtRequest();
        request.Audience.AddRange(audience);
        return (await CallAsync(IssuanceMethods.SignJwt, request, ct).ConfigureAwait(false)).Token;
    }

    /// <summary>Calls with the token of this moment; what the Workload API's clients may hear is one of three codes.</summary>
    private async Task<TResponse> CallAsync<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken ct)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            return await _channel.UnaryAsync(method, request, await OptionsAsync(s_callTimeout, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw new RpcException(Told(e.StatusCode), e.Message, e);
        }
        catch (IOException e)
        {
            throw new RpcException(StatusCode.Unavailable, e.Message, e);
        }
    }

    private static StatusCode Told(StatusCode status) => status switch
    {
        StatusCode.PermissionDenied or StatusCode.Unauthenticated => StatusCode.PermissionDenied,
        StatusCode.InvalidArgument => StatusCode.InvalidArgument,
        _ => StatusCode.Unavailable,
    };

    private async Task<GrpcCallOptions> OptionsAsync(TimeSpan? timeout, CancellationToken ct)
    {
        await _trust.ReadFileAsync(ct).ConfigureAwait(false);
        var token = (await File.ReadAllTextAsync(_options.TokenFile, ct).ConfigureAwait(false)).Trim();
        return new() { Timeout = timeout, Metadata = [new(IssuanceMethods.TokenHeader, IssuanceMethods.TokenScheme + token)] };
    }

    private async Task RunAsync(CancellationToken ct)
    {
        var backoff = new ReconnectBackoff();
        while (true)
        {
            try
            {
                var options = await OptionsAsync(timeout: null, ct).ConfigureAwait(false);
                await foreach (var response in _channel.ServerStreamingAsync(IssuanceMethods.Watch, new WatchRequest(), options, ct).ConfigureAwait(false))
                {
                    backoff.Reset();
                    Take(response);
                }

                Report(StatusCode.Unavailable, "the server ended the stream; connecting again");
            }
            catch (Exception e) when (!ct.IsCancellationRequested && e is RpcException or IOException or UnauthorizedAccessException or TrustBundleException or SpiffeIdException)
            {
                Report(e is RpcException rpc ? Told(rpc.StatusCode) : StatusCode.Unavailable, e.Message);
            }

            await Task.Delay(backoff.Next(), _options.TimeProvider, ct).ConfigureAwait(false);
        }
    }

    private void Take(WatchResponse response)
    {
        var own = TrustDomain.Parse(response.TrustDomain);
        if (own != _options.ServerId.TrustDomain)
        {
            throw new RpcException(StatusCode.Unavailable, $"the server is of trust domain {own}, not {_options.ServerId.TrustDomain}; correct the server's address");
        }

        var bundles = response.Bundles
            .Select(b => TrustBundle.Parse(TrustDomain.Parse(b.Key), b.Value.Memory))
            .OrderBy(b => b.TrustDomain == own ? "" : b.TrustDomain.Name, StringComparer.Ordinal).ToList();
        _trust.Take(bundles[0]);
        var id = SpiffeId.Parse(response.SpiffeId);
        if (_known.Identity != id)
        {
            LogIdentity(_logger, id);
        }

        Become(new(id, bundles, IsDenied: false, StatusCode.OK, Problem: null));
    }

    private void Report(StatusCode status, string problem)
    {
        LogProblem(_logger, _options.Server, problem);
        var known = _known;
        var next = known with { IsDenied = status == StatusCode.PermissionDenied, Status = status, Problem = problem };
        if (next.IsDenied != known.IsDenied)
        {
            Become(next);
            return;
        }

        _known = next; // nothing that a stream could send: those that wait go on waiting
    }

    private void Become(Known known)
    {
        _known = known;
        Interlocked.Exchange(ref _changed, new()).Cancel();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This pod is {SpiffeId}")]
    private static partial void LogIdentity(ILogger logger, SpiffeId spiffeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No identity from {Server} now, trying again: {Problem}")]
    private static partial void LogProblem(ILogger logger, Uri server, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The SVID of {SpiffeId} could not be renewed and goes on until {NotAfter:O}: {Problem}")]
    private static partial void LogKept(ILogger logger, SpiffeId spiffeId, DateTimeOffset notAfter, string problem);

    private sealed record Known(SpiffeId? Identity, IReadOnlyList<TrustBundle> Bundles, bool IsDenied, StatusCode Status, string? Problem);
}
