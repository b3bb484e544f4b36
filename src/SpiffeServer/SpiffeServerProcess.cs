using Castellan.KubeClient;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeServer;

/// <summary>Ties the authority to the life of its own process.</summary>
internal sealed class SpiffeServerProcess(SpiffeServerOptions options, KubeConnection? kube, ILoggerFactory loggers, TimeProvider clock) : IHostedService, IAsyncDisposable
{
    private SpiffeServerHost? _host;

    public async Task StartAsync(CancellationToken cancellationToken) =>
        _host = await SpiffeServerHost.StartAsync(options, kube, loggers, clock, cancellationToken).ConfigureAwait(false);

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _host, null) is { } host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }
    }
}
