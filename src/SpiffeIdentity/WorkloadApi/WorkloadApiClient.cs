using System.Runtime.CompilerServices;
using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;

namespace Castellan.SpiffeIdentity;

/// <summary>Calls a SPIFFE Workload API: ours, SPIRE's, or any other.</summary>
/// <remarks>Safe to use from many threads. Source: SPIFFE Workload API standard.</remarks>
public sealed partial class WorkloadApiClient : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly TimeProvider _clock;

    /// <summary>A client of one address; connects at the first call.</summary>
    /// <param name="address">Where; null takes <c>SPIFFE_ENDPOINT_SOCKET</c>.</param>
    /// <param name="clock">Clock of the backoff; null takes the system's.</param>
    /// <exception cref="FormatException">No address is given and the variable holds none.</exception>
    public WorkloadApiClient(WorkloadApiAddress? address = null, TimeProvider? clock = null)
    {
        Address = address ?? WorkloadApiAddress.FromEnvironment();
        _clock = clock ?? TimeProvider.System;
        var options = new GrpcChannelOptions { Metadata = [new(WorkloadApiMethods.SecurityHeader, "true")] };
        _channel = Address.SocketPath is { } path
            ? GrpcChannel.ForUnixSocket(path, options)
            : new GrpcChannel(new SocketsHttpHandler { UseProxy = false }, new Uri($"http://{Address.EndPoint}"), options);
    }

    /// <summary>Where the Workload API is.</summary>
    public WorkloadApiAddress Address { get; }

    internal TimeProvider Clock => _clock;

    /// <summary>Fetches the SVIDs and bundles of this process once, without retrying.</summary>
    /// <exception cref="RpcException">PermissionDenied: this process has no identity (yet). Unavailable: nobody serves the socket.</exception>
    /// <exception cref="X509SvidException">The answer breaks the standard.</exception>
    public async Task<X509Context> FetchX509Async(CancellationToken ct)
    {
        await foreach (var response in _channel.ServerStreamingAsync(WorkloadApiMethods.FetchX509Svid, new X509SVIDRequest(), ct: ct).ConfigureAwait(false))
        {
            return WorkloadApiResponses.Read(response);
        }

        throw new RpcException(StatusCode.Unavailable, $"{Address} ended the stream without an SVID; retry");
    }

    /// <summary>The SVIDs and bundles of this process, now and at every change; reconnects by itself and ends only when cancelled.</summary>
    /// <remarks>Backs off 1 s more after each failure, up to 30 s; a message resets it. An answer that breaks the standard is reported and passed over.</remarks>
    /// <param name="onProblem">Told why nothing comes; called between attempts.</param>
    /// <param name="ct">Ends the enumeration.</param>
    /// <exception cref="RpcException">InvalidArgument or Unimplemented: the server does not speak this API; retrying would not help.</exception>
    public async IAsyncEnumerable<X509Context> WatchX509Async(Action<Exception> onProblem, [EnumeratorCancellation] CancellationToken ct)
    {
        var backoff = new ReconnectBackoff();
        while (true)
        {
            await using var stream = _channel.ServerStreamingAsync(WorkloadApiMethods.FetchX509Svid, new X509SVIDRequest(), ct: ct).GetAsyncEnumerator(ct);
            while (await NextAsync(stream, onProblem).ConfigureAwait(false) is { } response)
            {
                backoff.Reset();
                if (TryRead(response, onProblem) is { } context)
                {
                    yield return context;
                }
            }

            await Task.Delay(backoff.Next(), _clock, ct).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _channel.Dispose();

    private static async Task<T?> NextAsync<T>(IAsyncEnumerator<T> stream, Action<Exception> onProblem) where T : class
    {
        try
        {
            return await stream.MoveNextAsync().ConfigureAwait(false) ? stream.Current : null;
        }
        catch (RpcException e) when (e.StatusCode is not (StatusCode.InvalidArgument or StatusCode.Unimplemented))
        {
            onProblem(e);
            return null;
        }
    }

    private static X509Context? TryRead(X509SVIDResponse response, Action<Exception> onProblem)
    {
        try
        {
            return WorkloadApiResponses.Read(response);
        }
        catch (Exception e) when (e is X509SvidException or SpiffeIdException)
        {
            onProblem(e);
            return null;
        }
    }
}
