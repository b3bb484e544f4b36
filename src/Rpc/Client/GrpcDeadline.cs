namespace Castellan.Rpc;

/// <summary>The caller's token and the call's own time limit, kept apart so that the reason of an end is known.</summary>
internal sealed class GrpcDeadline : IDisposable
{
    private readonly CancellationTokenSource? _timeout;
    private readonly CancellationTokenSource? _linked;

    public GrpcDeadline(TimeSpan? limit, TimeProvider clock, CancellationToken callers)
    {
        Callers = callers;
        Token = callers;
        if (limit is { } value)
        {
            _timeout = new(value, clock);
            _linked = CancellationTokenSource.CreateLinkedTokenSource(callers, _timeout.Token);
            Timeout = _timeout.Token;
            Token = _linked.Token;
        }
    }

    public CancellationToken Callers { get; }

    public CancellationToken Timeout { get; }

    public CancellationToken Token { get; }

    public void Dispose()
    {
        _linked?.Dispose();
        _timeout?.Dispose();
    }
}
