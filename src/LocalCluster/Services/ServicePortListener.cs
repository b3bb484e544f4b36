using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Castellan.LocalCluster.Services;

/// <summary>One listening port: each connection goes to the next endpoint that takes it.</summary>
internal sealed partial class ServicePortListener : IAsyncDisposable
{
    private const int BufferBytes = 32 * 1024;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<List<IPEndPoint>> _endpoints;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Task _accepting;
    private int _turn;

    /// <exception cref="SocketException">The port is taken or needs rights.</exception>
    public ServicePortListener(IPEndPoint address, Func<List<IPEndPoint>> endpoints, ILogger log)
    {
        (_endpoints, _log) = (endpoints, log);
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            _socket.Bind(address);
            _socket.Listen(512);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _socket.AcceptAsync(_stop.Token);
                var serving = ServeAsync(client);
                _connections[serving] = true;
                foreach (var (task, _) in _connections)
                {
                    if (task.IsCompleted) _connections.TryRemove(task, out _);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                LogAcceptFailed(_log, e.Message); // the peer gave up before we looked
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await Task.Yield();
        using (client)
        {
            using var upstream = await ConnectAsync();
            if (upstream is null)
            {
                // Refused, as far as an accepted connection still can be: a reset instead of an orderly end.
                client.LingerState = new LingerOption(true, 0);
                return;
            }
            client.NoDelay = upstream.NoDelay = true;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var there = CopyAsync(client, upstream, over);
            var back = CopyAsync(upstream, client, over);
            await Task.WhenAll(there, back);
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var endpoints = _endpoints();
        var first = Interlocked.Increment(ref _turn);
        for (var i = 0; i < endpoints.Count; i++)
        {
            var endpoint = endpoints[(int)((uint)(first + i) % (uint)endpoints.Count)];
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(ConnectTime);
                await socket.ConnectAsync(endpoint, limit.Token);
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                LogConnectFailed(_log, endpoint, e.Message); // the next one may do
            }
        }
        return null;
    }

    /// <summary>Copies one direction; its end is passed on as a half-close, a failure ends both directions.</summary>
    private static async Task CopyAsync(Socket from, Socket to, CancellationTokenSource over)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await from.ReceiveAsync(buffer, over.Token) is > 0 and var read)
            {
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), over.Token);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await over.CancelAsync();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Accepting a connection failed: {Problem}")]
    private static partial void LogAcceptFailed(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Endpoint {Endpoint} does not answer: {Problem}")]
    private static partial void LogConnectFailed(ILogger log, IPEndPoint endpoint, string problem);
}
