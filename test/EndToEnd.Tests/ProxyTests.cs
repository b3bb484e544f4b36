using System.Net;
using System.Text;
using Castellan.EndToEnd.Tests.Conformance;

namespace Castellan.EndToEnd.Tests;

/// <summary>Who gets through <c>castellan proxy</c>, and who does not.</summary>
[Collection(nameof(ConformanceSystem))]
public sealed class ProxyTests(ConformanceSystem system)
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}""";

    [Fact]
    public async Task Proxy_WhenTheWholeAddressIsKnown_AddsTheCredential()
    {
        using var http = new HttpClient();
        using var answer = await http.SendAsync(Post(system.Address));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("castellan", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/")]
    [InlineData("/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/mcp")]
    public async Task Proxy_WhenThePathIsGuessed_Answers404(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.SendAsync(Post(new Uri(system.Address, path)));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("evil.example", null)]
    [InlineData("localhost", "https://evil.example")]
    [InlineData("localhost", "null")]
    public async Task Proxy_WhenABrowserCouldBeBehind_Answers403(string host, string? origin)
    {
        using var http = new HttpClient();
        using var request = Post(system.Address);
        request.Headers.Host = host;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("--listen", "0.0.0.0:7700")]
    [InlineData("--listen", "192.0.2.1:7700")]
    [InlineData("--listen", "somewhere")]
    [InlineData("--server", "cluster")]
    [InlineData("--server", "default/..")]
    public async Task Proxy_WhenItsOptionsAreWrong_SaysWhatToWrite(string option, string value) =>
        Assert.Contains(value, (await system.System.RunAsync("proxy", option, value)).Must(2).Errors, StringComparison.Ordinal);

    private static HttpRequestMessage Post(Uri address)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(Initialize, Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("Authorization", "Bearer somebody-else"); // never reaches the gateway
        return request;
    }
}
