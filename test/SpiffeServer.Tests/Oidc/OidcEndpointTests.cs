using System.IdentityModel.Tokens.Jwt;
using System.Net;
using System.Text.Json.Nodes;
using Castellan.SpiffeIdentity;
using Castellan.Testing;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Castellan.SpiffeServer.Tests.Oidc;

/// <summary>An OpenID consumer that is not ours (Microsoft.IdentityModel) believes our JWT-SVIDs by discovery alone.</summary>
public sealed class OidcEndpointTests
{
    private const string Issuer = "https://identity.example.org/castellan";
    private static readonly SpiffeId s_web = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/web");
    private readonly WebPki _web = new("identity.example.org");

    [Theory]
    [InlineData(AuthorityKeyType.EcP256, "ES256")]
    [InlineData(AuthorityKeyType.EcP384, "ES384")]
    [InlineData(AuthorityKeyType.Rsa2048, "RS256")]
    public async Task Consumer_WhenItKnowsTheIssuerOnly_BelievesAToken(AuthorityKeyType kind, string algorithm)
    {
        await using var host = await StartAsync(kind);
        using var http = _web.ClientAt(host.OidcAddress!);
        var token = host.Authority.IssueJwt(s_web, ["vault"]);

        var configuration = await DiscoverAsync(http);

        Assert.Equal(s_web.ToString(), Validate(token, configuration, "vault").Subject);
        Assert.Equal([algorithm], configuration.IdTokenSigningAlgValuesSupported);
        Assert.Equal(s_web, JwtSvidVerifier.Verify(token, _ => host.Authority.Bundle, "vault", host.Authority.Now).Id); // still a JWT-SVID
        Assert.Throws<SecurityTokenInvalidAudienceException>(() => Validate(token, configuration, "database"));
    }

    [Fact]
    public async Task Consumer_WhenKeysRotate_BelievesTokensOfBoth()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await StartAsync(clock: clock);
        using var http = _web.ClientAt(host.OidcAddress!);
        var before = host.Authority.IssueJwt(s_web, ["vault"]);
        await host.Authority.RotateSigningCaAsync(default);

        var published = await DiscoverAsync(http);
        var meanwhile = host.Authority.IssueJwt(s_web, ["vault"]);
        clock.Advance(TimeSpan.FromMinutes(6)); // longer than consumers may keep what they have
        var after = host.Authority.IssueJwt(s_web, ["vault"]);

        Assert.Equal(2, published.SigningKeys.Count);
        Assert.Equal(KeyOf(before), KeyOf(meanwhile)); // a key signs only once everybody can know it
        Assert.NotEqual(KeyOf(before), KeyOf(after));
        foreach (var token in new[] { before, meanwhile, after })
        {
            Assert.Equal(s_web.ToString(), Validate(token, published, "vault").Subject);
        }
    }

    [Fact]
    public async Task Documents_HoldPublicKeysOnly_AndMayBeKeptForLessThanAKeyIsPublishedBeforeItSigns()
    {
        await using var host = await StartAsync();
        using var http = _web.ClientAt(host.OidcAddress!);

        using var keys = await http.GetAsync(new Uri($"{Issuer}/keys"));
        using var again = new HttpRequestMessage(HttpMethod.Get, $"{Issuer}/keys");
        again.Headers.IfNoneMatch.Add(keys.Headers.ETag!);
        using var unchanged = await http.SendAsync(again);

        var key = JsonNode.Parse(await keys.Content.ReadAsStringAsync())!["keys"]!.AsArray().Single()!.AsObject();
        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], key.Select(m => m.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("sig", "ES256"), ((string)key["use"]!, (string)key["alg"]!));
        Assert.Equal("application/json", keys.Content.Headers.ContentType!.MediaType);
        Assert.True(keys.Headers.CacheControl is { Public: true, MaxAge: { } age } && age > TimeSpan.Zero && age < host.Authority.Bundle.RefreshHint);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        foreach (var (path, status) in new[] { ("/keys", HttpStatusCode.NotFound), ("/castellan", HttpStatusCode.NotFound), ("/castellan/token", HttpStatusCode.NotFound) })
        {
            using var other = await http.GetAsync(new Uri($"https://identity.example.org{path}"));
            Assert.Equal(status, other.StatusCode);
        }
    }

    [Fact]
    public async Task Token_WhenNoIssuerIsConfigured_HasNone()
    {
        await using var host = await TestAuthority.StartAsync(new());

        Assert.Equal("", new JwtSecurityToken(host.Authority.IssueJwt(s_web, ["vault"])).Issuer ?? "");
        Assert.Null(host.OidcAddress);
    }

    [Theory]
    [InlineData("http://identity.example.org")]
    [InlineData("https://identity.example.org/")]
    [InlineData("https://identity.example.org/?tenant=1")]
    [InlineData("https://identity.example.org/#x")]
    [InlineData("https://user@identity.example.org")]
    [InlineData("identity.example.org")]
    public void Options_WhenTheIssuerIsNone_SaySo(string issuer) =>
        Assert.Contains(new SpiffeServerOptions { TrustDomain = "castellan.local", DataDirectory = "/x", Oidc = { Issuer = issuer } }.Faults(), f => f.StartsWith("SpiffeServer:Oidc:Issuer is", StringComparison.Ordinal));

    private Task<SpiffeServerHost> StartAsync(AuthorityKeyType kind = AuthorityKeyType.EcP256, TimeProvider? clock = null) => TestAuthority.StartAsync(
        new() { KeyType = kind, Oidc = { Issuer = Issuer, Endpoint = "127.0.0.1:0", CertificateFile = _web.CertificateFile, KeyFile = _web.KeyFile } }, clock);

    private static Task<OpenIdConnectConfiguration> DiscoverAsync(HttpClient http) => new ConfigurationManager<OpenIdConnectConfiguration>(
        $"{Issuer}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever(http)).GetConfigurationAsync();

    private static string KeyOf(string token) => new JwtSecurityToken(token).Header.Kid;

    private static JwtSecurityToken Validate(string token, OpenIdConnectConfiguration configuration, string audience)
    {
        var rules = new TokenValidationParameters { ValidIssuer = configuration.Issuer, ValidAudience = audience, IssuerSigningKeys = configuration.SigningKeys, ClockSkew = TimeSpan.FromMinutes(10) };
        new JwtSecurityTokenHandler { MapInboundClaims = false }.ValidateToken(token, rules, out var validated);
        return (JwtSecurityToken)validated;
    }
}
