using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Castellan.SpiffeIdentity;

/// <summary>What happened at an authority.</summary>
public enum AuthorityEventKind
{
    /// <summary>An X.509-SVID was issued.</summary>
    X509Issued,

    /// <summary>A JWT-SVID was issued.</summary>
    JwtIssued,

    /// <summary>A token was issued with which one identity acts for somebody at another.</summary>
    AuthorityDelegated,

    /// <summary>The bundle changed: a key was added or dropped.</summary>
    BundleChanged,

    /// <summary>An identity was denied, or a denial was lifted.</summary>
    DenialsChanged,
}

/// <summary>One event; it holds no secret.</summary>
/// <param name="Time">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Id">Whose SVID; null when the event concerns no single identity.</param>
/// <param name="NotAfter">End of what was issued.</param>
/// <param name="Detail">The audience, or the new sequence of the bundle.</param>
public sealed record AuthorityEvent(DateTimeOffset Time, AuthorityEventKind Kind, SpiffeId? Id, DateTimeOffset? NotAfter, string Detail);

/// <summary>The SVIDs that an authority has issued and that are still valid, and what happens as it happens. In memory: it is a view for people, not an audit log.</summary>
public sealed class IssuanceLedger
{
    private const int MostWaiting = 1000;
    private readonly ConcurrentDictionary<SpiffeId, AuthorityEvent> _latest = new();
    private readonly ConcurrentDictionary<Channel<AuthorityEvent>, bool> _watchers = new();

    internal IssuanceLedger()
    {
    }

    /// <summary>The latest X.509-SVID of each identity that has a valid one, by ID.</summary>
    public IReadOnlyList<AuthorityEvent> Valid(DateTimeOffset now)
    {
        foreach (var (id, issued) in _latest)
        {
            if (issued.NotAfter <= now)
            {
                _latest.TryRemove(new(id, issued));
            }
        }

        return [.. _latest.Values.OrderBy(e => e.Id!.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>Events from now on; a watcher that is too slow misses the oldest.</summary>
    public async IAsyncEnumerable<AuthorityEvent> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var channel = Channel.CreateBounded<AuthorityEvent>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        _watchers[channel] = true;
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                yield return item;
            }
        }
        finally
        {
            _watchers.TryRemove(channel, out _);
        }
    }

    internal void Record(AuthorityEvent item)
    {
        if (item.Kind == AuthorityEventKind.X509Issued)
        {
            _latest[item.Id!] = item;
        }

        foreach (var (watcher, _) in _watchers)
        {
            watcher.Writer.TryWrite(item);
        }
    }
}
