using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Delegations;

/// <summary>
/// Connections to one peer, each pool with one SVID for good. A token is bound to one certificate, so whoever sends one must know which
/// certificate the connection shows; after a rotation new requests take a new pool, and those under way end on theirs.
/// </summary>
/// <param name="source">The gateway's identity.</param>
/// <param name="peer">Who may answer.</param>
internal sealed class SvidConnections(IX509Source source, SpiffeAuthorizer peer) : IDisposable
{
    private readonly Lock _gate = new();
    private volatile Pool? _current;
    private Pool? _before;

    /// <summary>The pool of the SVID of this moment.</summary>
    /// <exception cref="SvidUnavailableException">The gateway has no valid SVID now.</exception>
    internal Pool Current
    {
        get
        {
            var svid = source.Current.Svid;
            return _current is { } pool && ReferenceEquals(pool.Svid, svid) ? pool : Replace(svid);
        }
    }

    public void Dispose()
    {
        _current?.Http.Dispose();
        _before?.Http.Dispose();
    }

    private Pool Replace(X509Svid svid)
    {
        lock (_gate)
        {
            if (_current is { } pool && ReferenceEquals(pool.Svid, svid))
            {
                return pool;
            }

            _before?.Http.Dispose(); // two renewals old: its SVID has expired
            _before = _current;
            return _current = new(svid, new(SpiffeTls.CreateHandler(new PinnedX509Source(source, svid), peer)));
        }
    }

    /// <summary>Connections that show one SVID.</summary>
    internal sealed record Pool(X509Svid Svid, HttpMessageInvoker Http);
}
