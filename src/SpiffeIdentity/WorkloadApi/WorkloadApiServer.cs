using System.Net.Sockets;
using Castellan.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.SpiffeIdentity;

/// <summary>Serves the SPIFFE Workload API, and Envoy's secret discovery, on a unix socket to the processes that an attestor knows.</summary>
/// <remarks>Source: SPIFFE Workload API and Workload Endpoint standards. Any SPIFFE client can use it.</remarks>
public sealed partial class WorkloadApiServer : IAsyncDisposable
{
    internal static readonly object PeerKey = new();
    private const int LongestSocketPath = 107; // sockaddr_un
    private readonly WebApplication _app;
    private readonly string _socketPath;

    private WorkloadApiServer(WebApplication app, string socketPath)
    {
        _app = app;
        _socketPath = socketPath;
        Address = WorkloadApiAddress.ForSocket(socketPath);
    }

    /// <summary>What workloads put into <c>SPIFFE_ENDPOINT_SOCKET</c>.</summary>
    public WorkloadApiAddress Address { get; }

    /// <summary>Opens the socket and serves.</summary>
    /// <param name="options">Where.</param>
    /// <param name="authority">Who issues.</param>
    /// <param name="attestor">Who says which identities a process has.</param>
    /// <param name="loggers">Where to log; null logs nothing.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="IOException">Another process serves this socket, or the path is too long.</exception>
    public static Task<WorkloadApiServer> StartAsync(
        WorkloadApiServerOptions options, Authority authority, IWorkloadAttestor attestor, ILoggerFactory? loggers, CancellationToken ct) =>
        StartAsync(options, new AuthorityIssuer(authority), attestor, loggers, ct);

    /// <summary>Opens the socket and serves the identity of this pod, which a server elsewhere issues.</summary>
    /// <param name="options">Where.</param>
    /// <param name="issuer">The server.</param>
    /// <param name="loggers">Where to log; null logs nothing.</param>
    /// <param name="ct">Ends the start.</param>
    /// <exception cref="IOException">Another process serves this socket, or the path is too long.</exception>
    public static Task<WorkloadApiServer> StartAsync(WorkloadApiServerOptions options, PodIssuer issuer, ILoggerFactory? loggers, CancellationToken ct) =>
        StartAsync(options, issuer, issuer, loggers, ct);

    private static async Task<WorkloadApiServer> StartAsync(
        WorkloadApiServerOptions options, ISvidIssuer issuer, IWorkloadAttestor attestor, ILoggerFactory? loggers, CancellationToken ct)
    {
        loggers ??= NullLoggerFactory.Instance;
        await ClaimSocketAsync(options.SocketPath, ct).ConfigureAwait(false);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.UseGrpcDefaults().ListenUnixSocket(options.SocketPath, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseLocalAuthority();
            listen.Use(next => connection => WithPeerAsync(connection, next, options.Callers, loggers.CreateLogger<WorkloadApiServer>()));
        }));
        var app = builder.Build();
        var logger = loggers.CreateLogger<WorkloadApiServer>();
        var callers = new CallerAttestation(issuer, attestor, logger);
        app.MapGrpc(new WorkloadApiEndpoint(issuer, callers, logger).CreateService());
        app.MapGrpc(new SecretDiscovery(issuer, callers, logger).CreateService());
        app.MapGrpcFallback();
        await app.StartAsync(ct).ConfigureAwait(false);
        File.SetUnixFileMode(options.SocketPath, options.SocketMode);
        return new(app, options.SocketPath);
    }

    /// <summary>Ends the streams with Unavailable, so that clients come back, and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        File.Delete(_socketPath);
    }

    private static async Task WithPeerAsync(ConnectionContext connection, ConnectionDelegate next, WorkloadCallers callers, ILogger logger)
    {
        var socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        using var peer = WorkloadPeer.TryIdentify(socket, callers);
        if (peer is null)
        {
            LogUnidentified(logger);
            connection.Abort(new ConnectionAbortedException("the peer has gone or is outside our PID namespace"));
            return;
        }

        connection.Items[PeerKey] = peer;
        await next(connection).ConfigureAwait(false);
    }

    /// <summary>Removes a socket that a dead process left; refuses to take one that answers.</summary>
    private static async Task ClaimSocketAsync(string path, CancellationToken ct)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
        {
            throw new IOException($"socket path {path} is longer than {LongestSocketPath} bytes; choose a shorter directory");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path), ct).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"another process serves {path}; stop it, or choose another socket");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a Workload API connection: its process has gone or is outside this PID namespace; a node agent needs hostPID")]
    private static partial void LogUnidentified(ILogger logger);
}
