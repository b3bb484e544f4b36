using System.Text.Json.Nodes;
using Castellan.McpServers.Hosting;
using Castellan.McpServers.Tests.Cluster;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Client;

namespace Castellan.McpServers.Tests.Hosting;

/// <summary>Which delegation tokens a Cluster server takes from the gateway, and what they let it do.</summary>
[Collection("shop")]
public sealed class GatewayAdmissionTests(ShopFixture shop) : IAsyncLifetime
{
    private const string Run = "run-1";
    private static readonly TrustDomain s_domain = TrustDomain.Parse("castellan.local");
    private static readonly SpiffeId s_gateway = SpiffeId.ForServiceAccount(s_domain, "castellan-system", "gateway");
    private static readonly SpiffeId s_server = SpiffeId.ForServiceAccount(s_domain, "default", "tools-cluster");
    private static readonly SpiffeId s_triage = SpiffeId.ForServiceAccount(s_domain, "default", "agent-triage");
    private Authority _authority = null!;
    private AuthorityX509Source _identity = null!, _gateway = null!;
    private WebApplication _app = null!;
    private Uri _mcp = null!;

    public async Task InitializeAsync()
    {
        _authority = await Authority.OpenAsync(new() { TrustDomain = s_domain }, CancellationToken.None);
        (_identity, _gateway) = (new(_authority, s_server), new(_authority, s_gateway));
        var arguments = ClusterArguments.Read(["--namespace", "shop"], name => name switch { "POD_IP" => "127.0.0.1", "CASTELLAN_GATEWAY_ID" => s_gateway.ToString(), _ => null });
        _app = ClusterHost.Build(arguments, shop.Server.Config, _identity, new AuthorityJwtBundles(_authority), (0, 0));
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a));
        _mcp = new(addresses.Single(a => a.Scheme == "https"), "/mcp");
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _gateway.DisposeAsync();
        await _identity.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task Call_WithItsRunsToken_ActsAsTheAgentThatTheTokenNames()
    {
        Assert.Contains("checkout-1", await CallAsync(Token(), ForTriage()));
    }

    [Fact]
    public async Task Call_WithoutAToken_IsRefused_AndListsAreNot()
    {
        await using var client = await ConnectAsync(null);

        Assert.NotEmpty(await client.ListToolsAsync());
        Assert.Contains("brings no delegation token", ShopFixture.TextOf(await client.CallToolAsync(ShopFixture.Request("list", """{"kind":"pods"}"""))));
    }

    [Theory]
    [InlineData("other server", "is not for")]
    [InlineData("other certificate", "bound to another certificate")]
    [InlineData("other client", "was issued to")]
    [InlineData("JWT-SVID", "this is another kind of token")]
    [InlineData("other authority", "the token is old, or the bundle is")]
    [InlineData("garbage", "no compact JWS")]
    [InlineData("no bearer", "no single bearer token")]
    public async Task Connect_WithATokenThatIsNotForThisConnection_IsUnauthorized(string attack, string said)
    {
        using var other = await Authority.OpenAsync(new() { TrustDomain = s_domain }, CancellationToken.None);
        var authorization = attack switch
        {
            "other server" => Token(a => a with { Audience = SpiffeId.ForServiceAccount(s_domain, "default", "tools-other") }),
            "other certificate" => Token(a => a with { CertificateThumbprint = SpiffeTls.ThumbprintOf(_authority.IssueX509(s_gateway).Leaf) }), // the gateway's own, of yesterday
            "other client" => Token(a => a with { Client = s_triage }),
            "JWT-SVID" => _authority.IssueJwt(s_gateway, [s_server.ToString()]),
            "other authority" => Token(authority: other),
            "no bearer" => "",
            _ => "garbage",
        };

        using var http = Http(attack == "no bearer" ? "Basic eDp5" : $"Bearer {authorization}");
        using var response = await http.PostAsync(_mcp, new StringContent("{}", null, "application/json"));

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains(said, await response.Content.ReadAsStringAsync());
        Assert.StartsWith("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task Call_StatedToBeOfAnotherAgentRunOrUser_IsRefused()
    {
        foreach (var (token, meta) in new[]
        {
            (Token(), ForTriage(account: "agent-other")),
            (Token(), ForTriage(ns: "shop")),
            (Token(), ForTriage(run: "run-2")),
            (Token(), ForTriage(run: null)),
            (Token(), ForUser("you")), // an agent's token does not make it its human
            (Token(a => a with { Actors = [], Run = null }), ForUser("approver")),
            (Token(a => a with { Actors = [], Run = null }), ForTriage(run: null)), // nor a human's token an agent
            (Token(a => a with { Actors = [SpiffeId.ForServiceAccount(s_domain, "default", "agent-other"), s_triage] }), ForTriage()), // who acts now counts
        })
        {
            Assert.Contains("the delegation token is of", await CallAsync(token, meta));
        }
    }

    private static JsonObject ForTriage(string ns = "default", string account = "agent-triage", string? run = Run) => Meta(new()
    {
        ["callId"] = Guid.NewGuid().ToString(), ["runId"] = run, ["agent"] = new JsonObject { ["namespace"] = ns, ["name"] = "triage", ["serviceAccount"] = account },
    });

    private static JsonObject ForUser(string user) => Meta(new() { ["callId"] = Guid.NewGuid().ToString(), ["user"] = user });

    private static JsonObject Meta(JsonObject call) => new() { ["castellan.dev/call"] = call };

    private string Token(Func<DelegatedAuthority, DelegatedAuthority>? change = null, Authority? authority = null)
    {
        var right = new DelegatedAuthority
        {
            Subject = "you", Actors = [s_triage], Audience = s_server, Client = s_gateway, Run = Run,
            CertificateThumbprint = SpiffeTls.ThumbprintOf(_gateway.Current.Svid.Leaf), Expiry = DateTimeOffset.MaxValue,
        };
        return (authority ?? _authority).IssueDelegation(change?.Invoke(right) ?? right).Token;
    }

    private async Task<string> CallAsync(string token, JsonObject meta)
    {
        await using var client = await ConnectAsync(token);
        return ShopFixture.TextOf(await client.CallToolAsync(ShopFixture.Request("list", """{"kind":"pods"}""", meta)));
    }

    private Task<McpClient> ConnectAsync(string? token) => McpClient.CreateAsync(
        new HttpClientTransport(new() { Endpoint = _mcp, TransportMode = HttpTransportMode.StreamableHttp }, Http(token is null ? null : $"Bearer {token}"), ownsHttpClient: true));

    private HttpClient Http(string? authorization)
    {
        var http = new HttpClient(SpiffeTls.CreateHandler(_gateway, SpiffeAuthorizer.Exactly(s_server)));
        if (authorization is not null)
        {
            http.DefaultRequestHeaders.Add("Authorization", authorization);
        }

        return http;
    }
}
