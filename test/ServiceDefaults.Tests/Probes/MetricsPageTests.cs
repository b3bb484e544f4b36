using System.Net;
using System.Net.Http.Headers;
using Castellan.ServiceDefaults.Probes;
using Castellan.Telemetry.Metrics;

namespace Castellan.ServiceDefaults.Tests.Probes;

public sealed class MetricsPageTests : IDisposable
{
    private readonly string _token = Path.GetTempFileName();

    public void Dispose() => File.Delete(_token);

    [Fact]
    public async Task Get_WhenNoTokenIsAskedFor_IsTheTextFormat()
    {
        await using var host = await MetricsHost.StartAsync(0, default);
        CastellanMeter.Counter(MetricTable.Runs).Add(1);
        using var http = new HttpClient { BaseAddress = host.Address };
        using var answer = await http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, "text/plain", "0.0.4"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentType.Parameters.First(p => p.Name == "version").Value));
        Assert.Contains("# TYPE castellan_runs_total counter\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WhenOpenMetricsIsAccepted_IsOpenMetrics()
    {
        await using var host = await MetricsHost.StartAsync(0, default);
        using var http = new HttpClient { BaseAddress = host.Address };
        http.DefaultRequestHeaders.Accept.ParseAdd("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
        using var answer = await http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal("application/openmetrics-text", answer.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("# EOF\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret\n", null, HttpStatusCode.Unauthorized)]
    [InlineData("secret\n", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("secret\n", "secret", HttpStatusCode.OK)]
    [InlineData("", "", HttpStatusCode.Unauthorized)]
    public async Task Get_WhenATokenIsAskedFor_LetsItsOwnerIn(string file, string? shown, HttpStatusCode status)
    {
        await File.WriteAllTextAsync(_token, file);
        await using var host = await MetricsHost.StartAsync(0, _token, default);
        using var http = new HttpClient { BaseAddress = host.Address };
        if (shown is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", shown);
        using var answer = await http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal(status, answer.StatusCode);
    }
}
