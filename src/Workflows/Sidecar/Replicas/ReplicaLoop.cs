using System.Threading.Channels;
using Castellan.Storage;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Sidecar.Replicas;

/// <summary>
/// What one of several replicas does beside its work: it keeps its lease, hears what others put into its instances' inboxes, takes up free
/// instances for its workers, gives up those that it has no worker for, and frees what the dead held. Signals make it prompt; a round each
/// second makes it sure.
/// </summary>
internal sealed class ReplicaLoop : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Replica _replica;
    private readonly EmbeddedSidecar _sidecar;
    private readonly ReplicaLog _log;
    private readonly ReplicaWork _work;
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private readonly IAsyncDisposable _listening;
    private readonly Task _beating;
    private readonly Task _running;

    public ReplicaLoop(Replica replica, EmbeddedSidecar sidecar)
    {
        _replica = replica;
        _sidecar = sidecar;
        _log = new(sidecar.Options.Loggers.CreateLogger("Castellan.Workflows.Sidecar"));
        _work = new(replica, sidecar);
        replica.LookAround = Signal;
        _listening = replica.Shared.Listen(Replica.Channel, Heard);
        _log.Joined(replica.Key);
        _beating = Task.Run(BeatAsync);
        _running = Task.Run(RunAsync);
    }

    // The lease is measured by the database's clock, which is real.
    private static TimeProvider Clock => TimeProvider.System;

    /// <summary>There may be something to do.</summary>
    public void Signal() => _signals.Writer.TryWrite(true);

    private void Heard(string signal)
    {
        if (ReplicaSignal.ReadChanged(signal) is { } changed)
        {
            _sidecar.FindHub(changed.Hub)?.Shared.Refresh(changed.Id);
        }
        else if (ReplicaSignal.Concerns(signal, _replica.Key))
        {
            Signal();
        }
    }

    // Apart from the work, which must not delay it.
    private async Task BeatAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (!await _replica.BeatAsync(_stopping.Token).ConfigureAwait(false))
                {
                    await RejoinAsync().ConfigureAwait(false);
                }

                await _work.FreeDeadAsync(_log, _stopping.Token).ConfigureAwait(false);
            }
            catch (StoreException error)
            {
                _log.BeatFailed(_replica.Key, error.Message);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(_replica.Lease / 4, Clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RejoinAsync()
    {
        var former = _replica.Key;
        _log.LeaseLost(former);
        foreach (var hub in _sidecar.Hubs)
        {
            await hub.Shared.LoseAllAsync().ConfigureAwait(false);
        }

        await _replica.JoinAsync(_stopping.Token).ConfigureAwait(false);

        await _replica.RemoveAsync(former, _stopping.Token).ConfigureAwait(false);
        _log.Joined(_replica.Key);
        Signal();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _work.RoundAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (StoreException error)
            {
                _log.RoundFailed(_replica.Key, error.Message);
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }

            await WaitAsync().ConfigureAwait(false);
        }
    }

    private async Task WaitAsync()
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var signal = _signals.Reader.ReadAsync(pause.Token).AsTask();
        await Task.WhenAny(signal, Task.Delay(Period, Clock, pause.Token)).ConfigureAwait(false);
        await pause.CancelAsync().ConfigureAwait(false);
        await ((Task)signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Leaves: what it holds is free at once. Call it when no worker is attached any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _listening.DisposeAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        try
        {
            _log.Left(_replica.Key, await _replica.RemoveAsync(_replica.Key, CancellationToken.None).ConfigureAwait(false));
        }
        catch (StoreException error)
        {
            _log.BeatFailed(_replica.Key, error.Message); // others free it when the lease has ended
        }

        _stopping.Dispose();
    }
}
