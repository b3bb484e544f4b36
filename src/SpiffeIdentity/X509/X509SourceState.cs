using Microsoft.Extensions.Primitives;

namespace Castellan.SpiffeIdentity;

/// <summary>The current context and its change token, swapped without a lock on the reading side.</summary>
internal sealed class X509SourceState(string origin, TimeProvider clock)
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile X509Context? _current;
    private volatile string _problem = "none has come yet";
    private CancellationTokenSource _changed = new();

    public X509Context Current
    {
        get
        {
            if (_current is not { } current)
            {
                throw new SvidUnavailableException($"{origin}: {_problem}");
            }

            return current.Svid.NotAfter > clock.GetUtcNow()
                ? current
                : throw new SvidUnavailableException($"{origin}: the one of {current.Svid.Id} expired at {current.Svid.NotAfter:O} and {_problem}");
        }
    }

    public bool IsReady => _current is { } current && current.Svid.NotAfter > clock.GetUtcNow();

    public IChangeToken ChangeToken => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    public void Replace(X509Context context)
    {
        _current = context;
        _problem = "no renewal came";
        _first.TrySetResult();
        Interlocked.Exchange(ref _changed, new()).Cancel();
    }

    public void Report(string problem) => _problem = problem;

    public async Task WaitForFirstAsync(CancellationToken ct)
    {
        try
        {
            await _first.Task.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (ct.IsCancellationRequested)
        {
            throw new SvidUnavailableException($"{origin}: {_problem}", e);
        }
    }
}
