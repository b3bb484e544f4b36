namespace Castellan.Storage.Postgres;

/// <summary>LISTEN and NOTIFY. Source: PostgreSQL documentation, NOTIFY: delivered at commit, duplicates in a transaction are joined.</summary>
internal sealed class PostgresNotifications(PostgresAddress address, TimeProvider clock) : SharedStore
{
    public override void Notify(IUnitOfWork unit, string channel, string message) => unit.Post("select pg_notify($1, $2)", channel, message);

    public override void Lock(IUnitOfWork unit, string name) => unit.Post("select pg_advisory_xact_lock(hashtextextended($1, 4711))", name);

    public override bool TryLock(IUnitOfWork unit, string name) =>
        unit.First("select pg_try_advisory_xact_lock(hashtextextended($1, 4711))::int", row => row.GetInt64(0), name) == 1;

    public override IAsyncDisposable Listen(string channel, Action<string> received)
    {
        if (channel.Length is 0 or > 63 || channel.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_'))
        {
            throw new ArgumentException($"'{channel}' is no channel; use lower-case letters, digits and underscores", nameof(channel));
        }

        return new PostgresListener(address, channel, received, clock);
    }
}

/// <summary>Listens with a connection of its own until disposed.</summary>
internal sealed class PostgresListener : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public PostgresListener(PostgresAddress address, string channel, Action<string> received, TimeProvider clock) =>
        _running = Task.Run(() => RunAsync(address, channel, received, clock));

    private async Task RunAsync(PostgresAddress address, string channel, Action<string> received, TimeProvider clock)
    {
        var pause = FirstPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var session = PostgresSession.Open(address);
                session.Notified += (_, notification) => received(notification.Payload);
                session.Run($"listen {channel}");
                received("");
                pause = FirstPause;
                while (true)
                {
                    await session.WaitAsync(_stopping.Token).ConfigureAwait(false);
                }
            }
            catch (Exception) when (!_stopping.IsCancellationRequested)
            {
                // Whoever listens also polls; the connection is opened again.
                await Task.Delay(pause, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Npgsql.NpgsqlException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }
}
