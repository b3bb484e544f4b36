using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire.Envoy;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeIdentity;

/// <summary>Envoy's secret discovery over the same socket and attestation: a mesh sidecar gets its certificate and whom to believe.</summary>
/// <remarks>
/// Source: xDS protocol, SDS v3. Names as SPIRE has them: a SPIFFE ID or <c>default</c> for a certificate; a trust domain's ID or
/// <c>ROOTCA</c> for its CAs; <c>ALL</c> for a validator of every trust domain. No name asks for all of them by their IDs.
/// </remarks>
internal sealed partial class SecretDiscovery(ISvidIssuer issuer, CallerAttestation callers, ILogger logger)
{
    public const string Service = "envoy.service.secret.v3.SecretDiscoveryService";

    public static readonly GrpcMethod<DiscoveryRequest, DiscoveryResponse> StreamSecrets =
        new(Service, "StreamSecrets", DiscoveryRequest.Parser, DiscoveryResponse.Parser);

    public static readonly GrpcMethod<DiscoveryRequest, DiscoveryResponse> FetchSecrets =
        new(Service, "FetchSecrets", DiscoveryRequest.Parser, DiscoveryResponse.Parser);

    public GrpcService CreateService() => new GrpcService(Service, new() { TimeProvider = issuer.Clock })
        .DuplexStreaming(StreamSecrets, StreamAsync)
        .Unary(FetchSecrets, FetchAsync);

    private async Task<DiscoveryResponse> FetchAsync(DiscoveryRequest request, GrpcServerCall call)
    {
        var subscription = new SecretSubscription();
        subscription.Take(request);
        return subscription.Respond(await IssueAsync(call, watch: null).ConfigureAwait(false));
    }

    private async Task StreamAsync(GrpcRequestStream<DiscoveryRequest> requests, GrpcResponseStream<DiscoveryResponse> responses, GrpcServerCall call)
    {
        var subscription = new SecretSubscription();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        var request = requests.NextAsync(stop.Token);
        await using var change = new FeedWatch();
        try
        {
            while (true)
            {
                await Task.WhenAny(request, change.Task).ConfigureAwait(false);
                if (request.IsCompleted)
                {
                    if (await request.ConfigureAwait(false) is not { } received)
                    {
                        return;
                    }

                    request = requests.NextAsync(stop.Token);
                    if (received.ErrorDetail is { } problem)
                    {
                        LogRefused(logger, CallerAttestation.Peer(call).Process.Pid, problem.Message);
                    }

                    if (!subscription.Take(received))
                    {
                        continue; // the receipt of what was sent
                    }
                }
                else
                {
                    await change.Task.ConfigureAwait(false);
                }

                await responses.WriteAsync(subscription.Respond(await IssueAsync(call, change).ConfigureAwait(false))).ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)request).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<SecretSet> IssueAsync(GrpcServerCall call, FeedWatch? watch)
    {
        var feed = new X509Feed(issuer, await callers.AttestAsync(call).ConfigureAwait(false));
        var (svids, bundles) = await CallerAttestation.IssueAsync(feed, call.Cancellation).ConfigureAwait(false);
        if (watch is not null)
        {
            await watch.FollowAsync(feed, call.Cancellation).ConfigureAwait(false);
        }

        return new(svids, bundles);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Process {Pid} refused the secrets it was sent: {Problem}")]
    private static partial void LogRefused(ILogger logger, int pid, string problem);

    /// <summary>Waits for the next change of one feed at a time.</summary>
    private sealed class FeedWatch : IAsyncDisposable
    {
        private readonly Task _never = new TaskCompletionSource().Task;
        private CancellationTokenSource _stop = new();
        private Task? _following;

        /// <summary>Completes when the feed that is followed has something new.</summary>
        public Task Task => _following ?? _never;

        public async Task FollowAsync(X509Feed feed, CancellationToken ct)
        {
            await DisposeAsync().ConfigureAwait(false);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _following = feed.WaitForChangeAsync(_stop.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await (_following ?? System.Threading.Tasks.Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }
    }
}
