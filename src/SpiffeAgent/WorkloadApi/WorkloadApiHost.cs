using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeAgent.WorkloadApi;

/// <summary>Ties the Workload API's socket to the life of a host; the composer gives the attestor.</summary>
/// <param name="options">Where the socket is.</param>
/// <param name="authority">Who issues.</param>
/// <param name="attestor">Who says which identities a process has.</param>
/// <param name="loggers">Where to log.</param>
public sealed class WorkloadApiHost(WorkloadApiServerOptions options, Authority authority, IWorkloadAttestor attestor, ILoggerFactory loggers)
    : IHostedService, IAsyncDisposable
{
    private WorkloadApiServer? _server;

    /// <summary>What workloads put into <c>SPIFFE_ENDPOINT_SOCKET</c>.</summary>
    public WorkloadApiAddress Address { get; } = WorkloadApiAddress.ForSocket(options.SocketPath);

    /// <summary>Opens the socket.</summary>
    /// <exception cref="IOException">Another process serves this socket, or the path is too long.</exception>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _server = await WorkloadApiServer.StartAsync(options, authority, attestor, loggers, cancellationToken).ConfigureAwait(false);

    /// <summary>Ends the streams with Unavailable and removes the socket.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }
}
