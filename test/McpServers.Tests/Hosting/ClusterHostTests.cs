using System.Net;
using Castellan.McpServers.Hosting;
using Castellan.McpServers.Tests.Cluster;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.McpServers.Tests.Hosting;

[Collection("shop")]
public sealed class ClusterHostTests(ShopFixture shop) : IAsyncLifetime
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("castellan.local");
    private static readonly SpiffeId s_gateway = SpiffeId.ForServiceAccount(s_domain, "castellan-system", "gateway");
    private static readonly SpiffeId s_server = SpiffeId.ForServiceAccount(s_domain, "default", "tools-cluster");
    private Authority _authority = null!;
    private AuthorityX509Source _identity = null!;
    private WebApplication _app = null!;
    private Uri _mtls = null!, _probes = null!;

    public async Task InitializeAsync()
    {
        _authority = await Authority.OpenAsync(new() { TrustDomain = s_domain }, CancellationToken.None);
        _identity = new AuthorityX509Source(_authority, s_server);
        var arguments = ClusterArguments.Read(["--trust-gateway", "--namespace", "shop"], name => name switch { "POD_IP" => "127.0.0.1", "CASTELLAN_GATEWAY_ID" => s_gateway.ToString(), _ => null });
        _app = ClusterHost.Build(arguments, shop.Server.Config, _identity, new AuthorityJwtBundles(_authority), (0, 0));
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        (_mtls, _probes) = (addresses.Single(a => a.Scheme == "https"), addresses.Single(a => a.Scheme == "http"));
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _identity.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task Mcp_WhenGatewayCallsForAnAgent_ActsAsThatAgent()
    {
        await using var client = await ConnectAsync(s_gateway);

        var tools = await client.ListToolsAsync();
        var result = await client.CallToolAsync(ShopFixture.Request("list", """{"kind":"pods"}"""));

        Assert.Equal(["list", "get", "describe", "events", "logs", "rollout_status", "restart", "patch", "set_env", "scale"], tools.Select(t => t.Name));
        Assert.Equal("IdempotentWrite", (string?)tools.Single(t => t.Name == "set_env").ProtocolTool.Meta!["castellan.dev/effect"]);
        Assert.Contains("checkout-1", ShopFixture.TextOf(result));
        Assert.Equal("completed", (string?)result.Meta!["castellan.dev/outcome"]);
    }

    [Fact]
    public async Task Mcp_WhenPeerIsNotTheGateway_IsRefusedInTheHandshake() =>
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => ConnectAsync(SpiffeId.ForServiceAccount(s_domain, "default", "agent-triage")));

    [Fact]
    public async Task Mcp_WhenPeerShowsNoCertificate_IsRefused()
    {
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true } });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.PostAsync(new Uri(_mtls, "/mcp"), new StringContent("{}")));
    }

    [Theory]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/readyz", HttpStatusCode.OK)]
    [InlineData("/mcp", HttpStatusCode.NotFound)]
    public async Task Probes_WhenAsked_ServeNothingElse(string path, HttpStatusCode expected)
    {
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri(_probes, path));

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public void Arguments_WhenWrong_NameEveryFault()
    {
        var error = Assert.Throws<FormatException>(() => ClusterArguments.Read(["--readonly"], _ => null));

        Assert.Contains("argument '--readonly' is not understood", error.Message);
        Assert.Contains("POD_IP", error.Message);
        Assert.Contains("CASTELLAN_GATEWAY_ID", error.Message);
    }

    private async Task<McpClient> ConnectAsync(SpiffeId as_)
    {
        var source = new AuthorityX509Source(_authority, as_);
        var http = new HttpClient(SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(s_server)));
        return await McpClient.CreateAsync(new HttpClientTransport(
            new() { Endpoint = new Uri(_mtls, "/mcp"), TransportMode = HttpTransportMode.StreamableHttp }, http, ownsHttpClient: true));
    }
}
