using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Castellan.ServiceDefaults.Forwarding;

/// <summary>
/// Passes HTTP requests to another server and its answers back, chunk by chunk, so that event streams flow. Credentials, cookies and
/// names of this hop stay here: the caller adds what the next one needs.
/// </summary>
/// <remarks>Safe for many threads. RFC 9110, section 7.6: the headers of a connection are not those of the message.</remarks>
public sealed class RequestForwarder : IDisposable
{
    private const int ChunkBytes = 16 << 10;

    private readonly HttpMessageInvoker _http;

    /// <summary>Forwards over connections of this handler.</summary>
    /// <param name="handler">Whom it trusts; owned by the forwarder. It is told to follow no redirect, keep no cookie and unpack nothing.</param>
    public RequestForwarder(SocketsHttpHandler handler)
    {
        handler.UseProxy = false;
        handler.UseCookies = false;
        handler.AllowAutoRedirect = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ConnectTimeout = TimeSpan.FromSeconds(5);
        handler.RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8; // as Kestrel read it: what is wrong with a header is for the next server to say
        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>Forwards one request.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="target">Where to; the query of the request is added.</param>
    /// <param name="prepare">Adds what the next server needs, for example a credential; <see langword="null"/> adds nothing.</param>
    /// <param name="problem">What to say when the next server does not answer, given why: answered with 502.</param>
    public async Task ForwardAsync(HttpContext context, Uri target, Action<HttpRequestMessage>? prepare, Func<string, string> problem)
    {
        try
        {
            using var request = Request(context, target);
            prepare?.Invoke(request);
            using var response = await _http.SendAsync(request, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = (int)response.StatusCode;
            ForwardedHeaders.CopyTo(response, context.Response.Headers);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await CopyAsync(response, context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left; disposing the request told the server.
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
            await context.Response.WriteAsync(problem(e.Message), context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Asks a server something of its own, over the same connections.</summary>
    /// <param name="request">What to ask; owned by the caller.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct) => _http.SendAsync(request, ct);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpContext context, Uri target)
    {
        var incoming = context.Request;
        var request = new HttpRequestMessage(new HttpMethod(incoming.Method), new UriBuilder(target) { Query = incoming.QueryString.Value }.Uri)
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
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            await writer.FlushAsync(ct).ConfigureAwait(false); // the first event may be long in coming; that the stream is open may not
        }

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
