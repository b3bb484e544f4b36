using System.Net;
using System.Text.Json.Nodes;
using Castellan.AgentRuntime.Hosting;
using Castellan.ServiceDefaults.Cards;
using Castellan.SpiffeIdentity;

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
    public async Task Card_IsSignedByTheAgent_AndShownToControllerAndGatewayAlone()
    {
        var agent = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/agent-triage");
        foreach (var reader in new[] { "controller", "gateway" })
        {
            using var http = Http($"spiffe://castellan.local/ns/castellan-system/sa/{reader}");
            var card = JsonNode.Parse(await http.GetStringAsync(new Uri(gateway.Mtls, AgentCards.Path)))!.AsObject();
            Assert.Equal("triage", (string)card["name"]!);
            Assert.Equal(agent, AgentCards.Verify(card, agent, new(gateway.Authority.Bundle.X509), TimeProvider.System.GetUtcNow()).Signer);
            using var other = await http.GetAsync(new Uri(gateway.Mtls, "/v1/runs"));
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        }

        using var stranger = Http("spiffe://castellan.local/ns/default/sa/agent-other");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => stranger.GetAsync(new Uri(gateway.Mtls, AgentCards.Path)));

        HttpClient Http(string id) => new(SpiffeTls.CreateHandler(new AuthorityX509Source(gateway.Authority, SpiffeId.Parse(id)), SpiffeAuthorizer.Exactly(agent)));
    }

    [Fact]
    public void Environment_WhenWrong_NamesEveryVariable()
    {
        var error = Assert.Throws<FormatException>(() => AgentEnvironment.Read(name => name == "CASTELLAN_GATEWAY" ? "http://plain" : null));

        foreach (var name in new[] { "CASTELLAN_AGENT", "POD_IP", "CASTELLAN_GATEWAY is 'http://plain'; set it to an https URL", "CASTELLAN_GATEWAY_ID" }) Assert.Contains(name, error.Message);
    }
}
