using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Castellan.Storage.Writing;

/// <summary>
/// The only writer. It takes whatever is queued, runs each unit inside one transaction from which it can be undone alone, and commits once, so
/// that under load many units share one flush of the disk while a lone unit waits for nobody.
/// </summary>
internal sealed class GroupCommit
{
    private const int QueueLength = 8192;

    private readonly IWriterConnection _connection;
    private readonly int _maxUnits;
    private readonly Channel<WriteUnit> _queue = Channel.CreateBounded<WriteUnit>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly List<WriteUnit> _batch = [];
    private WriteUnit? _next;
    private readonly Task _running;
    private long _units;
    private long _commits;

    public GroupCommit(IWriterConnection connection, int maxUnits)
    {
        _connection = connection;
        _maxUnits = Math.Max(1, maxUnits);
        _running = Task.Run(RunAsync);
    }

    public StoreStatistics Statistics => new(Volatile.Read(ref _units), Volatile.Read(ref _commits));

    public async Task<T> WriteAsync<T>(Func<IUnitOfWork, T> work, CancellationToken ct, bool alone = false)
    {
        var unit = new WriteUnit<T>(work, alone, ct);
        if (!_queue.Writer.TryWrite(unit))
        {
            try
            {
                await _queue.Writer.WriteAsync(unit, ct).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                throw new ObjectDisposedException(nameof(Store));
            }
        }

        return await unit.Done.ConfigureAwait(false);
    }

    /// <summary>Takes no more units and finishes those queued.</summary>
    public Task StopAsync()
    {
        _queue.Writer.TryComplete();
        return _running;
    }

    public void Close() => _connection.Dispose();

    private async Task RunAsync()
    {
        while (_next is not null || await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            _batch.Clear();
            try
            {
                RunBatch();
            }
            catch (Exception error)
            {
                Abandon(error);
            }
        }
    }

    private void RunBatch()
    {
        if (!TryTake(out var first))
        {
            return;
        }

        _batch.Add(first);
        _connection.Begin();
        RunUnit(first);
        while (!first.Alone && _batch.Count < _maxUnits && TryTake(out var next))
        {
            if (next.Alone)
            {
                _next = next; // the next transaction is its own
                break;
            }

            _batch.Add(next);
            RunUnit(next);
        }

        _connection.Commit();
        _commits++;
        foreach (var unit in _batch)
        {
            if (unit.Committed())
            {
                _units++;
            }
        }
    }

    private bool TryTake([NotNullWhen(true)] out WriteUnit? unit)
    {
        (unit, _next) = (_next, null);
        while (unit is null && _queue.Reader.TryRead(out var queued))
        {
            unit = queued.Withdrawn ? null : queued;
        }

        return unit is not null;
    }

    private void RunUnit(WriteUnit unit)
    {
        try
        {
            _connection.BeginUnit(unit);
            unit.Run(_connection);
            _connection.EndUnit();
        }
        catch (Exception error)
        {
            if (!_connection.TryUndoUnit(error))
            {
                throw;
            }

            unit.Undone(error);
        }
    }

    // The whole transaction is lost: nothing of the batch was written, and every caller must know.
    private void Abandon(Exception error)
    {
        try
        {
            _connection.Abandon();
        }
        catch (StoreException rollback)
        {
            error = new AggregateException(error, rollback);
        }

        var failure = error as StoreException ?? _connection.Lost(error);
        foreach (var unit in _batch)
        {
            unit.Failed(failure);
        }
    }
}
