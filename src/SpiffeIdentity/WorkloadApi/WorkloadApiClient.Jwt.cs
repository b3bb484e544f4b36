using System.Runtime.CompilerServices;
using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;

namespace Castellan.SpiffeIdentity;

public sealed partial class WorkloadApiClient
{
    /// <summary>Fetches JWT-SVIDs of this process.</summary>
    /// <param name="audience">Whom they are for; one is strongly advised.</param>
    /// <param name="id">The identity; null gives one token for each that this process has.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RpcException">PermissionDenied: this process is not entitled. InvalidArgument: there is no audience.</exception>
    public async Task<IReadOnlyList<FetchedJwtSvid>> FetchJwtAsync(IReadOnlyList<string> audience, SpiffeId? id, CancellationToken ct)
    {
        var request = new JWTSVIDRequest { SpiffeId = id?.ToString() ?? "" };
        request.Audience.AddRange(audience);
        var response = await _channel.UnaryAsync(WorkloadApiMethods.FetchJwtSvid, request, ct: ct).ConfigureAwait(false);
        return [.. response.Svids
            .DistinctBy(s => s.Hint.Length == 0 ? s.SpiffeId : s.Hint)
            .Where(s => s.Svid.Length > 0 && SpiffeId.TryParse(s.SpiffeId, out _))
            .Select(s => new FetchedJwtSvid(SpiffeId.Parse(s.SpiffeId), s.Svid, s.Hint))];
    }

    /// <summary>Fetches the JWT bundles that this process believes, its own trust domain's among them.</summary>
    /// <exception cref="TrustBundleException">A bundle is malformed; the server is at fault.</exception>
    public async Task<IReadOnlyDictionary<TrustDomain, TrustBundle>> FetchJwtBundlesAsync(CancellationToken ct)
    {
        await foreach (var response in _channel.ServerStreamingAsync(WorkloadApiMethods.FetchJwtBundles, new JWTBundlesRequest(), ct: ct).ConfigureAwait(false))
        {
            return Read(response);
        }

        throw new RpcException(StatusCode.Unavailable, $"{Address} ended the stream without a bundle; retry");
    }

    /// <summary>The JWT bundles that this process believes, now and at every change; reconnects by itself and ends only when cancelled.</summary>
    /// <remarks>Backs off as <see cref="WatchX509Async"/> does. An answer that breaks the standard is reported and passed over.</remarks>
    /// <param name="onProblem">Told why nothing comes; called between attempts.</param>
    /// <param name="ct">Ends the enumeration.</param>
    /// <exception cref="RpcException">InvalidArgument or Unimplemented: the server does not speak this API; retrying would not help.</exception>
    public async IAsyncEnumerable<IReadOnlyDictionary<TrustDomain, TrustBundle>> WatchJwtBundlesAsync(Action<Exception> onProblem, [EnumeratorCancellation] CancellationToken ct)
    {
        var backoff = new ReconnectBackoff();
        while (true)
        {
            await using var stream = _channel.ServerStreamingAsync(WorkloadApiMethods.FetchJwtBundles, new JWTBundlesRequest(), ct: ct).GetAsyncEnumerator(ct);
            while (await NextAsync(stream, onProblem).ConfigureAwait(false) is { } response)
            {
                backoff.Reset();
                if (TryRead(response, onProblem) is { } bundles)
                {
                    yield return bundles;
                }
            }

            await Task.Delay(backoff.Next(), _clock, ct).ConfigureAwait(false);
        }
    }

    private static IReadOnlyDictionary<TrustDomain, TrustBundle>? TryRead(JWTBundlesResponse response, Action<Exception> onProblem)
    {
        try
        {
            return Read(response);
        }
        catch (Exception e) when (e is TrustBundleException or SpiffeIdException)
        {
            onProblem(e);
            return null;
        }
    }

    private static Dictionary<TrustDomain, TrustBundle> Read(JWTBundlesResponse response) => response.Bundles
        .Select(b => TrustBundle.Parse(SpiffeId.Parse(b.Key).TrustDomain, b.Value.Memory))
        .ToDictionary(b => b.TrustDomain);

    /// <summary>Fetches the X.509 bundles that this process believes, its own trust domain's among them.</summary>
    /// <exception cref="X509SvidException">A bundle is malformed; the server is at fault.</exception>
    public async Task<X509BundleSet> FetchX509BundlesAsync(CancellationToken ct)
    {
        await foreach (var response in _channel.ServerStreamingAsync(WorkloadApiMethods.FetchX509Bundles, new X509BundlesRequest(), ct: ct).ConfigureAwait(false))
        {
            return new(response.Bundles.Select(b => X509Bundle.Parse(SpiffeId.Parse(b.Key).TrustDomain, b.Value.Span)));
        }

        throw new RpcException(StatusCode.Unavailable, $"{Address} ended the stream without a bundle; retry");
    }

    /// <summary>Lets the Workload API validate a token that a caller showed.</summary>
    /// <returns>Who it proves.</returns>
    /// <exception cref="RpcException">InvalidArgument: the token is not valid for this audience.</exception>
    public async Task<SpiffeId> ValidateJwtAsync(string token, string audience, CancellationToken ct)
    {
        var response = await _channel.UnaryAsync(WorkloadApiMethods.ValidateJwtSvid, new ValidateJWTSVIDRequest { Svid = token, Audience = audience }, ct: ct).ConfigureAwait(false);
        return SpiffeId.Parse(response.SpiffeId);
    }
}

/// <summary>A JWT-SVID of this process. Secret.</summary>
/// <param name="Id">Who it proves.</param>
/// <param name="Token">Compact serialization.</param>
/// <param name="Hint">Operator-set label.</param>
public sealed record FetchedJwtSvid(SpiffeId Id, string Token, string Hint)
{
    /// <summary>The ID; never the token.</summary>
    public override string ToString() => Id.ToString();
}
