namespace Castellan.AgentGateway.Discovery;

/// <summary>
/// Adds the headers that policy obliges a call to carry. One connection serves many calls, and its client makes the requests by itself, so
/// the call's headers go along with its flow of execution.
/// </summary>
internal sealed class ObligedHeaders(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly AsyncLocal<IReadOnlyDictionary<string, string>?> OfCall = new();

    /// <summary>Makes a request that carries headers.</summary>
    internal static async Task<T> SendAsync<T>(IReadOnlyDictionary<string, string>? headers, Func<Task<T>> request)
    {
        OfCall.Value = headers is { Count: > 0 } ? headers : null;
        return await request();
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in OfCall.Value ?? new Dictionary<string, string>())
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
