using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Castellan.Rpc;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>Sends inputs as they are and checks what comes back.</summary>
internal sealed class FuzzCaller(Uri address) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    /// <returns>What is wrong with the answer; null: nothing.</returns>
    public async Task<string?> FaultAsync(FuzzInput input, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(input.Method, new Uri(address, input.Path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(input.Body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(input.ContentType);
        request.Headers.TE.Add(new("trailers"));
        if (input.Token is { } token)
        {
            request.Headers.Add("dapr-api-token", token);
        }

        foreach (var (name, value) in input.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await _http.SendAsync(request, ct);
            await response.Content.CopyToAsync(Stream.Null, ct);
            return Fault(input, response);
        }
        catch (HttpRequestException error)
        {
            return input.MayBeReset ? null : $"{error.Message} {error.InnerException?.Message}";
        }
    }

    public void Dispose() => _http.Dispose();

    private static string? Fault(FuzzInput input, HttpResponseMessage response)
    {
        if (response.StatusCode != input.HttpStatus)
        {
            return $"HTTP {(int)response.StatusCode}";
        }

        if (input.HttpStatus != HttpStatusCode.OK)
        {
            return null;
        }

        return Trailer(response, "grpc-status") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? input.Statuses.Contains((StatusCode)number) ? null : $"grpc-status {(StatusCode)number} ({Trailer(response, "grpc-message")})"
            : "no grpc-status";
    }

    private static string? Trailer(HttpResponseMessage response, string name) =>
        (response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers : response.Headers.TryGetValues(name, out var headers) ? headers : []).SingleOrDefault();
}
