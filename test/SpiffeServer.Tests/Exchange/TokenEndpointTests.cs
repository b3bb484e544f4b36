using System.Net;
using System.Text.Json.Nodes;
using Castellan.SpiffeIdentity;
using Castellan.Testing;

namespace Castellan.SpiffeServer.Tests.Exchange;

/// <summary>RFC 8693 at the authority: what the gateway gets, and what nobody gets.</summary>
public sealed class TokenEndpointTests : IAsyncLifetime
{
    private const string Tools = "spiffe://castellan.local/ns/default/sa/tools-cluster";
    private const string Triage = "spiffe://castellan.local/ns/default/sa/agent-triage";
    private readonly ManualTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private SpiffeServerHost _host = null!;
    private AuthorityX509Source _gateway = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _host = await TestAuthority.StartAsync(new() { Exchange = { Endpoint = "127.0.0.1:0" } }, _clock);
        _gateway = new(_host.Authority, TestAuthority.Gateway);
        _http = new(SpiffeTls.CreateHandler(_gateway, SpiffeAuthorizer.Exactly(TestAuthority.Self), _clock));
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _gateway.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Exchange_ForAHumanByAnAgent_GivesATokenForOneServerBoundToTheGatewaysCertificate()
    {
        var answer = await OkAsync(Request(Subject(), Actor()));

        Assert.Equal(("urn:ietf:params:oauth:token-type:access_token", "Bearer"), ((string)answer["issued_token_type"]!, (string)answer["token_type"]!));
        Assert.InRange((int)answer["expires_in"]!, 290, 300);
        var token = Verify(answer);
        Assert.Equal(("you", "run-1", Tools, TestAuthority.Gateway), (token.Subject, token.Run, token.Audience.ToString(), token.Client));
        Assert.Equal([Triage], token.Actors.Select(a => a.ToString()));
        Assert.Equal(["castellan:operators"], token.Groups);
        Assert.Equal(SpiffeTls.ThumbprintOf(_gateway.Current.Svid.Leaf), token.CertificateThumbprint);
    }

    [Fact]
    public async Task Exchange_WithoutAnActor_LetsTheHumanActForThemselves()
    {
        var token = Verify(await OkAsync(Request(Subject() with { Run = null }, null)));

        Assert.Equal(("you", null, 0), (token.Subject, token.Run, token.Actors.Count));
    }

    [Fact]
    public async Task Exchange_WhenAgentsCallEachOther_NestsTheChainUpToItsLimit()
    {
        SpiffeId[] before = [.. Enumerable.Range(1, DelegationToken.MaxActors).Select(i => SpiffeId.Parse($"spiffe://castellan.local/ns/default/sa/agent-{i}"))];

        var token = Verify(await OkAsync(Request(Subject() with { Actors = before[1..] }, Actor())));
        var refused = await RefusedAsync(Request(Subject() with { Actors = before }, Actor()));

        Assert.Equal([Triage, .. before[1..].Select(b => b.ToString())], token.Actors.Select(a => a.ToString()));
        Assert.Equal("invalid_request", refused.Error);
        Assert.Contains($"more than {DelegationToken.MaxActors} members", refused.Description);
    }

    [Fact]
    public async Task Exchange_WhenTheLoginEndsSooner_EndsWithIt_AndIsRefusedAfterwards()
    {
        var login = DateTimeOffset.FromUnixTimeSeconds(_clock.GetUtcNow().ToUnixTimeSeconds() + 90);
        var subject = Subject() with { LoginExpiry = login };

        var token = Verify(await OkAsync(Request(subject, Actor())));
        _clock.Advance(TimeSpan.FromSeconds(91));
        var refused = await RefusedAsync(Request(subject, Actor()));

        Assert.Equal(login, token.Expiry);
        Assert.Equal("invalid_request", refused.Error);
        Assert.Contains("the login of you ended", refused.Description);
    }

    [Theory]
    [InlineData("grant_type", null, "invalid_request", "grant_type is missing")]
    [InlineData("grant_type", "client_credentials", "unsupported_grant_type", "only urn:ietf:params:oauth:grant-type:token-exchange")]
    [InlineData("audience", null, "invalid_request", "audience is missing")]
    [InlineData("audience", "cluster", "invalid_target", "name a workload of castellan.local by its SPIFFE ID")]
    [InlineData("audience", "spiffe://castellan.local", "invalid_target", "name a workload")]
    [InlineData("audience", "spiffe://partner.example/tools", "invalid_target", "name a workload")]
    [InlineData("audience", "spiffe://castellan.local/ns/castellan-system/sa/gateway", "invalid_target", "no tokens are issued for")]
    [InlineData("subject_token", null, "invalid_request", "subject_token_type belong together")]
    [InlineData("subject_token", "eyJhbGciOiJub25lIn0.e30.", "invalid_request", "the subject_token is not taken")]
    [InlineData("subject_token_type", "urn:ietf:params:oauth:token-type:saml2", "invalid_request", "set it to urn:ietf:params:oauth:token-type:jwt")]
    [InlineData("actor_token_type", null, "invalid_request", "actor_token_type belong together")]
    [InlineData("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request", "only urn:ietf:params:oauth:token-type:access_token")]
    [InlineData("resource", "https://tools", "invalid_target", "in audience")]
    [InlineData("scope", "admin", "invalid_scope", "there are no scopes")]
    public async Task Exchange_WhenTheRequestIsWrong_SaysWhichPart(string parameter, string? value, string error, string said)
    {
        var request = Request(Subject(), Actor()).Where(p => p.Key != parameter).ToList();
        if (value is not null)
        {
            request.Add(new(parameter, value));
        }

        var refused = await RefusedAsync(request);

        Assert.Equal(error, refused.Error);
        Assert.Contains(said, refused.Description);
    }

    [Fact]
    public async Task Exchange_WhenAParameterComesTwice_IsRefused()
    {
        var twice = await RefusedAsync([.. Request(Subject(), Actor()), new("subject_token", "x")]);
        var two = await RefusedAsync([.. Request(Subject(), Actor()), new("audience", Tools)]);

        Assert.Equal(("invalid_request", "invalid_target"), (twice.Error, two.Error));
    }

    [Fact]
    public async Task Exchange_WithTheActorOfAnotherRun_IsRefused()
    {
        var refused = await RefusedAsync(Request(Subject(), Actor() with { Run = "run-2" }));

        Assert.Equal("invalid_request", refused.Error);
        Assert.Contains("nobody acts in one run with the authority of another", refused.Description);
    }

    [Fact]
    public async Task Exchange_WithAStatementThatTheGatewayDidNotMakeForUs_IsRefused()
    {
        var agent = _host.Authority.IssueX509(SpiffeId.Parse(Triage));
        foreach (var (statement, said) in new[]
        {
            (Subject().Sign(agent, TestAuthority.Self, _clock.GetUtcNow()), "only spiffe://castellan.local/ns/castellan-system/sa/gateway may say"),
            (Subject().Sign(_gateway.Current.Svid, SpiffeId.Parse(Tools), _clock.GetUtcNow()), "the statement is not for"),
            (Subject().Sign(_gateway.Current.Svid, TestAuthority.Self, _clock.GetUtcNow().AddMinutes(-10)), "expired"),
            (_host.Authority.IssueJwt(TestAuthority.Gateway, [TestAuthority.Self.ToString()]), "more than alg, kid, typ and x5c|the type is not|x5c"),
        })
        {
            var refused = await RefusedAsync([.. Request(Subject(), Actor()).Where(p => p.Key != "subject_token"), new("subject_token", statement)]);
            Assert.Equal("invalid_request", refused.Error);
            Assert.Contains(said.Split('|'), s => refused.Description.Contains(s, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(Triage, "invalid_request")]
    [InlineData(Tools, "invalid_target")]
    public async Task Exchange_WhenAPartyIsDenied_IsRefused(string denied, string error)
    {
        _host.Authority.Denials.Add(SpiffeId.Parse(denied));

        Assert.Equal(error, (await RefusedAsync(Request(Subject(), Actor()))).Error);
    }

    [Fact]
    public async Task Endpoint_WhenSomebodyElseAsks_RefusesTheHandshake()
    {
        await using var agent = new AuthorityX509Source(_host.Authority, SpiffeId.Parse(Triage));
        using var http = new HttpClient(SpiffeTls.CreateHandler(agent, SpiffeAuthorizer.Exactly(TestAuthority.Self), _clock));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.PostAsync(_host.TokenEndpointAddress, new FormUrlEncodedContent(Request(Subject(), Actor()))));
    }

    [Fact]
    public async Task Endpoint_WhenTheBodyIsNoForm_SaysSo()
    {
        using var response = await _http.PostAsync(_host.TokenEndpointAddress, new StringContent("{}", null, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("send application/x-www-form-urlencoded", await response.Content.ReadAsStringAsync());
    }

    private static PartyStatement Subject() => new() { Subject = "you", Groups = ["castellan:operators"], Run = "run-1" };

    private static PartyStatement Actor() => new() { Subject = Triage, Run = "run-1" };

    private List<KeyValuePair<string, string>> Request(PartyStatement subject, PartyStatement? actor)
    {
        List<KeyValuePair<string, string>> request =
        [
            new("grant_type", ExchangeProtocol.Grant), new("audience", Tools),
            new("subject_token", Sign(subject)), new("subject_token_type", ExchangeProtocol.Jwt),
        ];
        return actor is null ? request : [.. request, new("actor_token", Sign(actor)), new("actor_token_type", ExchangeProtocol.Jwt)];
    }

    private string Sign(PartyStatement statement) => statement.Sign(_gateway.Current.Svid, TestAuthority.Self, _clock.GetUtcNow());

    private DelegatedAuthority Verify(JsonNode answer) => DelegationToken.Verify(
        (string)answer["access_token"]!, _ => _host.Authority.Bundle, SpiffeId.Parse(Tools), SpiffeTls.ThumbprintOf(_gateway.Current.Svid.Leaf), _clock.GetUtcNow());

    private async Task<JsonNode> OkAsync(IEnumerable<KeyValuePair<string, string>> request)
    {
        using var response = await _http.PostAsync(_host.TokenEndpointAddress, new FormUrlEncodedContent(request));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.True(response.Headers.CacheControl!.NoStore);
        return JsonNode.Parse(text)!;
    }

    private async Task<(string Error, string Description)> RefusedAsync(IEnumerable<KeyValuePair<string, string>> request)
    {
        using var response = await _http.PostAsync(_host.TokenEndpointAddress, new FormUrlEncodedContent(request));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, text);
        var problem = JsonNode.Parse(text)!;
        return ((string)problem["error"]!, (string)problem["error_description"]!);
    }
}
