using System.Collections.Concurrent;

namespace Castellan.Storage.Reading;

/// <summary>Pooled read-only connections; each read is one transaction, so its queries agree with each other.</summary>
internal sealed class ReaderPool(Func<IReaderConnection> open, int count) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(count, count);
    private readonly ConcurrentBag<IReaderConnection> _idle = [];
    private volatile bool _disposed;

    public async Task<T> ReadAsync<T>(Func<IReadView, T> work, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _free.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            while (_idle.TryTake(out var idle))
            {
                try
                {
                    return Read(idle, work);
                }
                catch (StoreUnavailableException) when (idle.IsBroken)
                {
                    // It was lost while it lay idle, as others may be; reading changes nothing, so it is done again.
                }
            }

            return Read(open(), work);
        }
        finally
        {
            _free.Release();
        }
    }

    private T Read<T>(IReaderConnection connection, Func<IReadView, T> work)
    {
        try
        {
            connection.BeginRead();
            return work(connection);
        }
        finally
        {
            Return(connection);
        }
    }

    private void Return(IReaderConnection connection)
    {
        if (connection.TryEndRead())
        {
            _idle.Add(connection);
        }
        else
        {
            connection.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        for (var i = 0; i < count; i++)
        {
            await _free.WaitAsync(CancellationToken.None).ConfigureAwait(false); // until the last reader is back
        }

        while (_idle.TryTake(out var connection))
        {
            connection.Dispose();
        }

        _free.Release(count); // a late caller finds the pool disposed instead of waiting for ever
    }
}
