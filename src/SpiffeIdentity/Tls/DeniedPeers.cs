using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>Keeps denied identities out of a listener: at the handshake, and by closing the connections that stood when the denial came.</summary>
/// <remarks>One per listener. Connections are found by their ID; no lock is shared by handshakes.</remarks>
public sealed partial class DeniedPeers : IDisposable
{
    private readonly ConcurrentDictionary<string, Standing> _standing = new(StringComparer.Ordinal);
    private readonly ILogger _logger;
    private readonly IDisposable _change;

    /// <summary>Watches a list until disposed.</summary>
    /// <param name="list">Who is denied.</param>
    /// <param name="logger">Told of every connection that is closed.</param>
    public DeniedPeers(DenialList list, ILogger logger)
    {
        List = list;
        _logger = logger;
        _change = ChangeToken.OnChange(() => list.ChangeToken, CloseDenied);
    }

    /// <summary>Who is denied.</summary>
    public DenialList List { get; }

    /// <inheritdoc />
    public void Dispose() => _change.Dispose();

    /// <summary>Remembers a connection whose peer has proven its identity; false when it has been denied meanwhile.</summary>
    internal bool Admit(SpiffeId peer, BaseConnectionContext connection)
    {
        _standing[connection.ConnectionId] = new(peer, connection);
        _ = connection.ConnectionClosed.Register(() => _standing.TryRemove(connection.ConnectionId, out _));
        return !List.Denies(peer); // asked after it is remembered: a denial either shows here or closes it
    }

    private void CloseDenied()
    {
        foreach (var (id, standing) in _standing)
        {
            if (List.Denies(standing.Peer) && _standing.TryRemove(id, out _))
            {
                LogClosed(_logger, standing.Peer);
                standing.Connection.Abort(new ConnectionAbortedException($"{standing.Peer} is denied"));
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Closed a connection of {SpiffeId}: its identity is denied")]
    private static partial void LogClosed(ILogger logger, SpiffeId spiffeId);

    private sealed record Standing(SpiffeId Peer, BaseConnectionContext Connection);
}
