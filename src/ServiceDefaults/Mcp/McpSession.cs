using ModelContextProtocol.Server;

namespace Castellan.ServiceDefaults.Mcp;

/// <summary>One session of a client that speaks a revision with sessions.</summary>
internal sealed class McpSession(string id, string owner, StreamableHttpServerTransport transport, McpServer server) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private Task _run = Task.CompletedTask;
    private long _lastUsed;
    private int _inUse, _streamOpen;

    public string Id => id;

    /// <summary>Who opened the session, and at which endpoint: nobody else may use it, and nowhere else.</summary>
    public string Owner => owner;

    public StreamableHttpServerTransport Transport => transport;
    public McpServer Server => server;
    public CancellationToken Closed => _closed.Token;

    public void Start(long now)
    {
        _lastUsed = now;
        _run = server.RunAsync(_closed.Token);
    }

    public void Enter() => Interlocked.Increment(ref _inUse);

    public void Leave(long now)
    {
        Interlocked.Exchange(ref _lastUsed, now);
        Interlocked.Decrement(ref _inUse);
    }

    /// <summary>Takes the one GET stream of the session; false when it is taken.</summary>
    public bool TryOpenStream() => Interlocked.Exchange(ref _streamOpen, 1) == 0;

    public bool IsIdle(long now, TimeSpan timeout, TimeProvider clock) =>
        Volatile.Read(ref _inUse) == 0 && clock.GetElapsedTime(Interlocked.Read(ref _lastUsed), now) > timeout;

    public async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync().ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
        try
        {
            await _run.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            // The normal end of a session.
        }
        await server.DisposeAsync().ConfigureAwait(false);
        _closed.Dispose();
    }
}
