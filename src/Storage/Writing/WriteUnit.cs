namespace Castellan.Storage.Writing;

/// <summary>A queued unit of work and the promise to its caller.</summary>
internal abstract class WriteUnit
{
    /// <summary>Whether its caller withdrew it before it began.</summary>
    public abstract bool Withdrawn { get; }

    public abstract void Run(IUnitOfWork unit);

    /// <returns>False when the unit had failed alone before the commit.</returns>
    public abstract bool Committed();

    public abstract void Failed(Exception error);
}

internal sealed class WriteUnit<T>(Func<IUnitOfWork, T> work, CancellationToken ct) : WriteUnit
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Done => _done.Task;

    public override bool Withdrawn => ct.IsCancellationRequested && _done.TrySetCanceled(ct);

    public override void Run(IUnitOfWork unit) => _result = work(unit);

    public override bool Committed() => _done.TrySetResult(_result);

    public override void Failed(Exception error) => _done.TrySetException(error);
}
