using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>The open sessions: opens, finds for their owner only, closes the idle ones.</summary>
internal sealed class McpSessionTable : IAsyncDisposable
{
    private const int SessionNotFound = -32001;

    private readonly ConcurrentDictionary<string, McpSession> _sessions = new(StringComparer.Ordinal);
    private readonly McpHttpOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Func<StreamableHttpServerTransport, McpServer> _createServer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sweep;

    public McpSessionTable(McpHttpOptions options, TimeProvider clock, ILogger log, Func<StreamableHttpServerTransport, McpServer> createServer)
    {
        (_options, _clock, _log, _createServer) = (options, clock, log, createServer);
        _sweep = options.Mode == McpSessionMode.Stateless ? Task.CompletedTask : SweepAsync(_stop.Token);
    }

    public int Count => _sessions.Count;

    public long Now => _clock.GetTimestamp();

    public IEnumerable<McpSession> All => _sessions.Values;

    /// <summary>Opens a session for the caller; <see langword="null"/> after having refused the request.</summary>
    public async Task<McpSession?> OpenAsync(McpCallContext call, Func<string, StreamableHttpServerTransport> createTransport, RequestId id)
    {
        if (_sessions.Count >= _options.MaxSessions)
        {
            _log.SessionLimitReached(_options.MaxSessions);
            await McpReply.RefuseAsync(call.Http, 503, $"{_options.MaxSessions} sessions are open, which is the limit; try again later", id).ConfigureAwait(false);
            return null;
        }
        var sessionId = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(24));
        var transport = createTransport(sessionId);
        var session = new McpSession(sessionId, OwnerOf(call), transport, _createServer(transport));
        session.Start(_clock.GetTimestamp());
        _sessions[sessionId] = session;
        Mark(call, session);
        return session;
    }

    /// <summary>Finds the session that the request names; <see langword="null"/> after having refused the request.</summary>
    public async Task<McpSession?> FindAsync(McpCallContext call, RequestId id = default)
    {
        var sessionId = call.Http.Request.Headers[McpReply.SessionIdHeader].ToString();
        var refusal = sessionId.Length == 0
            ? new McpRefusal(400, McpReply.Refused, $"{McpReply.SessionIdHeader} header is required; send initialize first")
            : null;
        if (_sessions.TryGetValue(sessionId, out var session) && session.Owner == OwnerOf(call))
        {
            Mark(call, session);
            return session;
        }
        // A session of somebody else and no session look the same from outside.
        refusal ??= new(404, SessionNotFound, "session not found; send initialize to open a new one");
        await McpReply.RefuseAsync(call.Http, refusal, id).ConfigureAwait(false);
        return null;
    }

    public async Task CloseAsync(McpSession session)
    {
        if (_sessions.TryRemove(session.Id, out _)) await session.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await _sweep.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The normal end of the sweep.
        }
        foreach (var session in _sessions.Values) await CloseAsync(session).ConfigureAwait(false);
        _stop.Dispose();
    }

    private static void Mark(McpCallContext call, McpSession session)
    {
        call.SessionId = session.Id;
        call.Http.Response.Headers[McpReply.SessionIdHeader] = session.Id;
    }

    private static string OwnerOf(McpCallContext call) => $"{call.Http.Request.Path.Value}\n{call.CallerKey}";

    private async Task SweepAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.SweepInterval, _clock);
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
        {
            var now = _clock.GetTimestamp();
            foreach (var session in _sessions.Values)
            {
                if (!session.IsIdle(now, _options.IdleTimeout, _clock)) continue;
                try
                {
                    await CloseAsync(session).ConfigureAwait(false);
                    _log.IdleSessionClosed(_options.IdleTimeout);
                }
                catch (Exception e)
                {
                    _log.SessionCloseFailed(e); // one broken session must not end the sweep
                }
            }
        }
    }
}
