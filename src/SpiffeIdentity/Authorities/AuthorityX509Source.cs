using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>An identity taken straight from an authority in the same process, renewed at half life.</summary>
/// <remarks>For the authority's own listener and for tests; every other process goes through the Workload API.</remarks>
public sealed class AuthorityX509Source : IX509Source, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Authority _authority;
    private readonly SpiffeId _id;
    private readonly SvidRenewal _renewal;
    private readonly X509SourceState _state;
    private readonly Task _running;

    /// <summary>Issues the first SVID at once and keeps renewing until disposed.</summary>
    /// <param name="authority">Who issues.</param>
    /// <param name="id">The identity.</param>
    public AuthorityX509Source(Authority authority, SpiffeId id)
    {
        _state = new($"authority of {authority.TrustDomain}", authority.Clock);
        _authority = authority;
        _id = id;
        _renewal = new(new AuthorityIssuer(authority), [new(id)]);
        _state.Replace(Issue());
        _running = RunAsync(_stop.Token);
    }

    /// <inheritdoc />
    public X509Context Current => _state.Current;

    /// <inheritdoc />
    public bool IsReady => _state.IsReady;

    /// <inheritdoc />
    public IChangeToken ChangeToken => _state.ChangeToken;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private X509Context Issue()
    {
        _renewal.Begin();
        var svid = _authority.Issue(_id, ttl: null, hint: "");
        _renewal.Issued([svid]);
        return new([svid.Adopt()], new(_authority.Bundles.X509Parts()));
    }

    private async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            await _renewal.WaitForChangeAsync(ct).ConfigureAwait(false);
            _state.Replace(Issue());
        }
    }
}
