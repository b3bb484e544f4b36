using System.Collections.Concurrent;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Delegations;

/// <summary>The tokens of the gateway: one per run, parties, audience and certificate, kept in memory until four fifths of its life are over.</summary>
/// <param name="exchange">Gets new ones.</param>
/// <param name="records">Writes down each that was got.</param>
/// <param name="clock">Clock of their lives.</param>
internal sealed class DelegationTokens(TokenExchangeClient exchange, DelegationRecords records, TimeProvider clock)
{
    private const int SweepAbove = 1000;
    private readonly ConcurrentDictionary<(string Request, X509Svid Svid), Entry> _held = new();

    /// <summary>A token for a request on a connection that shows an SVID.</summary>
    /// <exception cref="DelegationFailedException">There is none.</exception>
    internal async ValueTask<string> GetAsync(DelegationRequest request, X509Svid svid, CancellationToken ct)
    {
        var key = (request.CacheKey, svid);
        while (true)
        {
            var entry = _held.GetOrAdd(key, _ => new(new(() => ObtainAsync(request, svid)), clock.GetUtcNow()));
            HeldToken held;
            try
            {
                held = await entry.Token.Value.WaitAsync(ct); // shared with others that ask for the same: one that gives up does not end it
            }
            catch (DelegationFailedException)
            {
                _held.TryRemove(new(key, entry));
                throw;
            }

            if (clock.GetUtcNow() < held.RenewAt)
            {
                return held.Text;
            }

            _held.TryRemove(new(key, entry));
        }
    }

    /// <summary>The next request gets a new token.</summary>
    internal void Forget(DelegationRequest request, X509Svid svid) => _held.TryRemove((request.CacheKey, svid), out _);

    private async Task<HeldToken> ObtainAsync(DelegationRequest request, X509Svid svid)
    {
        Sweep();
        try
        {
            var held = await exchange.ExchangeAsync(request, svid);
            await records.IssuedAsync(request, held.ExpiresAt);
            return held;
        }
        catch (DelegationFailedException e) when (e.IsFinal)
        {
            await records.RefusedAsync(request, e.Message);
            throw;
        }
    }

    private void Sweep()
    {
        if (_held.Count < SweepAbove)
        {
            return;
        }

        var now = clock.GetUtcNow();
        foreach (var (key, entry) in _held)
        {
            if (entry.AskedAt + DelegationToken.LongestLife <= now)
            {
                _held.TryRemove(new(key, entry));
            }
        }
    }

    private sealed record Entry(Lazy<Task<HeldToken>> Token, DateTimeOffset AskedAt);
}
