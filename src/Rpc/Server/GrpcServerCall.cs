using Microsoft.AspNetCore.Http;

namespace Castellan.Rpc;

/// <summary>One call being served.</summary>
public sealed class GrpcServerCall
{
    internal GrpcServerCall(HttpContext httpContext, CancellationToken cancellation)
    {
        HttpContext = httpContext;
        Cancellation = cancellation;
    }

    /// <summary>The HTTP request: connection, peer certificate, services.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>Ends when the caller leaves, its deadline passes or, for streams, the server stops.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>All values of one request metadata key; empty when it is absent.</summary>
    /// <param name="key">Lower-case key, for example <c>workload.spiffe.io</c>.</param>
    public IReadOnlyList<string> Metadata(string key) =>
        HttpContext.Request.Headers.TryGetValue(key, out var values) ? [.. values.Select(v => v ?? "")] : [];
}
