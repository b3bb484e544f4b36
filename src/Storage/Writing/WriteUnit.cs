namespace Castellan.Storage.Writing;

/// <summary>A queued unit of work and the promise to its caller.</summary>
internal abstract class WriteUnit
{
    /// <summary>Whether it shares its transaction with no other unit.</summary>
    public abstract bool Alone { get; }

    /// <summary>Whether its caller withdrew it before it began.</summary>
    public abstract bool Withdrawn { get; }

    public abstract void Run(IUnitOfWork unit);

    /// <summary>It failed alone and was undone. Its caller is told after the commit: what it conflicted with can be read by then.</summary>
    public abstract void Undone(Exception error);

    /// <returns>False when the unit was undone before the commit.</returns>
    public abstract bool Committed();

    /// <summary>The whole transaction is lost.</summary>
    public abstract void Failed(Exception error);
}

internal sealed class WriteUnit<T>(Func<IUnitOfWork, T> work, bool alone, CancellationToken ct) : WriteUnit
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _error;

    public Task<T> Done => _done.Task;

    public override bool Alone => alone;

    public override bool Withdrawn => ct.IsCancellationRequested && _done.TrySetCanceled(ct);

    public override void Run(IUnitOfWork unit) => _result = work(unit);

    public override void Undone(Exception error) => _error = error;

    public override bool Committed()
    {
        if (_error is not null)
        {
            _done.TrySetException(_error);
            return false;
        }

        return _done.TrySetResult(_result);
    }

    public override void Failed(Exception error) => _done.TrySetException(error);
}
