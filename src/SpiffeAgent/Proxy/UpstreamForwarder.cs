using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Castellan.SpiffeAgent.Proxy;

/// <summary>Passes requests to the server on loopback and its answers back, chunk by chunk, so that event streams flow.</summary>
internal sealed class UpstreamForwarder(Uri upstream) : IDisposable
{
    private const int ChunkBytes = 16 << 10;
    private static readonly TimeSpan s_probeTimeout = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    public async Task ForwardAsync(HttpContext context)
    {
        try
        {
            using var request = Request(context);
            using var response = await _http.SendAsync(request, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = (int)response.StatusCode;
            ForwardedHeaders.CopyTo(response, context.Response.Headers);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await CopyAsync(response, context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The gateway left; disposing the request told the server.
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            if (context.Response.HasStarted)
            {
                context.Abort(); // half an answer must not look like a whole one
                return;
            }

            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await context.Response.WriteAsync($"the tool server at {upstream} does not answer: {e.Message}; look at its container's log", context.RequestAborted).ConfigureAwait(false);
        }
    }

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
            using var response = await _http.SendAsync(request, timeout.Token).ConfigureAwait(false);
            return (int)response.StatusCode < 500 ? null : $"{upstream} answers HTTP {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return $"{upstream} does not answer: {e.Message}";
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpContext context)
    {
        var incoming = context.Request;
        var request = new HttpRequestMessage(new HttpMethod(incoming.Method), new UriBuilder(upstream) { Query = incoming.QueryString.Value }.Uri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.Content = new StreamContent(incoming.Body);
        }

        ForwardedHeaders.CopyTo(incoming.Headers, request);
        return request;
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext context)
    {
        var ct = context.RequestAborted;
        await using var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        await context.Response.StartAsync(ct).ConfigureAwait(false);
        var writer = context.Response.BodyWriter;
        while (true)
        {
            var read = await body.ReadAsync(writer.GetMemory(ChunkBytes), ct).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            writer.Advance(read);
            await writer.FlushAsync(ct).ConfigureAwait(false);
        }
    }
}
