using Castellan.ServiceDefaults.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Castellan.SpiffeAgent.Proxy;

/// <summary>Passes requests to the server on loopback and its answers back.</summary>
internal sealed class UpstreamForwarder(Uri upstream) : IDisposable
{
    private static readonly TimeSpan s_probeTimeout = TimeSpan.FromSeconds(2);

    private readonly RequestForwarder _forwarder = new(new SocketsHttpHandler());

    public Task ForwardAsync(HttpContext context) =>
        _forwarder.ForwardAsync(context, upstream, null, why => $"the tool server at {upstream} does not answer: {why}; look at its container's log");

    /// <summary>What is wrong with the server; null when it answers HTTP at all.</summary>
    public async Task<string?> ProblemAsync(CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(s_probeTimeout);
        try
        {
            // A GET that takes no event stream opens no session; servers refuse it, which is an answer.
            using var request = new HttpRequestMessage(HttpMethod.Get, upstream);
            request.Headers.Accept.ParseAdd("application/json");
            using var response = await _forwarder.SendAsync(request, timeout.Token).ConfigureAwait(false);
            return (int)response.StatusCode < 500 ? null : $"{upstream} answers HTTP {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return $"{upstream} does not answer: {e.Message}";
        }
    }

    public void Dispose() => _forwarder.Dispose();
}
