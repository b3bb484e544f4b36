using System.Net;
using Castellan.AgentRuntime.Hosting;

namespace Castellan.AgentRuntime.Tests.Hosting;

public sealed class AgentHostTests(ScriptedGateway gateway) : IClassFixture<ScriptedGateway>
{
    [Fact]
    public async Task Readiness_WhenAttached_IsReady()
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        HttpStatusCode status;
        do
        {
            using var response = await http.GetAsync(new Uri(gateway.Probes, "/readyz"), limit.Token);
            status = response.StatusCode;
            if (status != HttpStatusCode.OK) await Task.Delay(20, limit.Token);
        }
        while (status != HttpStatusCode.OK);

        using var other = await http.GetAsync(new Uri(gateway.Probes, "/v1/runs"), limit.Token);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public void Environment_WhenWrong_NamesEveryVariable()
    {
        var error = Assert.Throws<FormatException>(() => AgentEnvironment.Read(name => name == "CASTELLAN_GATEWAY" ? "http://plain" : null));

        foreach (var name in new[] { "CASTELLAN_AGENT", "POD_IP", "CASTELLAN_GATEWAY is 'http://plain'; set it to an https URL", "CASTELLAN_GATEWAY_ID" }) Assert.Contains(name, error.Message);
    }
}
